// Package bidi keeps names that read from right to left from reordering the
// numbers and the punctuation of the sentence that they stand in.
package bidi

import (
	"strings"
	"unicode"
)

// An isolate whose direction is that of its first letter, and its end.
const (
	open = "\u2068"
	end  = "\u2069"
)

// turning are the characters that read from right to left, also those that
// Unicode keeps free for such scripts, and the marks that change the direction of
// what follows them.
var turning = &unicode.RangeTable{
	R16: []unicode.Range16{{0x0590, 0x08FF, 1}, {0x200F, 0x200F, 1}, {0x202A, 0x202E, 1}, {0x2066, 0x2069, 1}, {0xFB1D, 0xFDFF, 1}, {0xFE70, 0xFEFE, 1}},
	R32: []unicode.Range32{{0x10800, 0x10FFF, 1}, {0x1E800, 0x1EFFF, 1}},
}

// Isolate sets a name apart where it could turn what stands beside it. Any other
// name comes back as it is.
func Isolate(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(turning, r) }) {
		return name
	}
	// A mark of the name's own must not end the isolate early.
	return open + strings.ReplaceAll(name, end, "") + end
}

// IsolateAll sets every name apart and joins them as a list.
func IsolateAll(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = Isolate(n)
	}
	return strings.Join(all, ", ")
}
