package email

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// textWidth is how wide the text twins are, in characters.
const textWidth = 72

// plain writes the text twin of a mail: the frame around what is between.
func plain(f frame, between ...string) string {
	parts := []string{wrapped(f.About + ": " + f.Title), wrapped(f.Text)}
	for _, p := range between {
		if p != "" {
			parts = append(parts, p)
		}
	}
	parts = append(parts, f.Action+":\n"+f.link(), "-- \n"+wrapped(f.reason()))
	return strings.Join(parts, "\n\n") + "\n"
}

// leaders writes figures with dots between label and value.
func leaders(all []fact) string {
	lines := make([]string, len(all))
	for n, one := range all {
		label, value := one.label, one.value
		dots := max(3, textWidth-2-utf8.RuneCountInString(label)-utf8.RuneCountInString(value))
		lines[n] = label + " " + strings.Repeat(".", dots) + " " + value
	}
	return strings.Join(lines, "\n")
}

// wrapped breaks a paragraph into lines. A word that is too long, such as an
// address, has a line of its own and stays whole.
func wrapped(paragraph string) string {
	var b strings.Builder
	width := 0
	for word := range strings.FieldsSeq(oneLine(paragraph)) {
		n := utf8.RuneCountInString(word)
		switch {
		case width == 0:
		case width+1+n > textWidth:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}

// oneLine keeps a name from a file from laying out the mail.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}
