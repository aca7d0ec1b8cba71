package inventory

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// line is one line of a file without its end.
type line struct {
	number int
	offset int64  // of its first byte in the file
	text   []byte // valid until the next line is read
	long   bool   // longer than MaximumLine: text holds only its beginning
}

// lines reads a file line by line. No column may hold a line break, so a line
// is a record, a damaged one spoils no other, and one that never ends is passed
// over instead of being kept.
type lines struct {
	in     *bufio.Reader
	number int
	offset int64
}

func newLines(r io.Reader) *lines {
	// Two bytes more than the limit hold the line's end.
	return &lines{in: bufio.NewReaderSize(r, MaximumLine+2)}
}

var bom = []byte("\xEF\xBB\xBF")

// next reads a line, or returns io.EOF after the last one.
func (l *lines) next() (line, error) {
	text, err := l.in.ReadSlice('\n')
	if len(text) == 0 && err != nil {
		return line{}, err
	}
	l.number++
	read := line{number: l.number, offset: l.offset}
	l.offset += int64(len(text))
	if errors.Is(err, bufio.ErrBufferFull) {
		read.long = true
		read.text = bytes.Clone(text[:4*shownValue])
		err = l.skip()
	} else {
		read.text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
		read.long = len(read.text) > MaximumLine
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return line{}, err
	}
	if read.number == 1 && bytes.HasPrefix(read.text, bom) {
		read.text = read.text[len(bom):]
		read.offset += int64(len(bom))
	}
	return read, nil
}

// skip passes over the rest of a line.
func (l *lines) skip() error {
	for {
		text, err := l.in.ReadSlice('\n')
		l.offset += int64(len(text))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// split cuts a line into fields as RFC 4180 says. Where the quotation marks are
// wrong it returns a sentence that says how.
func split(s string, fields []string) ([]string, string) {
	for {
		if s == "" || s[0] != '"' {
			end := len(s)
			for i := range len(s) {
				if s[i] == '"' {
					return fields, "A quotation mark stands inside a field that does not begin with one. Such a field is written in quotation marks, with each one inside doubled."
				}
				if s[i] == ',' {
					end = i
					break
				}
			}
			fields = append(fields, s[:end])
			if end == len(s) {
				return fields, ""
			}
			s = s[end+1:]
			continue
		}
		value, rest, closed := unquote(s)
		if !closed {
			return fields, "A quotation mark is opened and not closed on the same line. No column may hold a line break."
		}
		fields = append(fields, value)
		if rest == "" {
			return fields, ""
		}
		if rest[0] != ',' {
			return fields, "Something stands between a closing quotation mark and the next comma."
		}
		s = rest[1:]
	}
}

// unquote reads a field that begins with a quotation mark.
func unquote(s string) (value, rest string, closed bool) {
	var built []byte
	from := 1
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			built = append(built, s[from:i+1]...)
			i++
			from = i + 1
			continue
		}
		if built == nil {
			return s[1:i], s[i+1:], true
		}
		return string(append(built, s[from:i]...)), s[i+1:], true
	}
	return "", "", false
}
