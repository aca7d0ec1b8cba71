package testkit

import (
	"bytes"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/ledongthuc/pdf"
)

// Paper prints the page that is open on sheets of A4, and reads what stands on each.
// It prints in a face of the system: a variable font leaves no letters in a file,
// only their shapes.
func (t *Tab) Paper() (sheets []string) {
	t.tb.Helper()
	t.Do(chromedp.Evaluate[chromedp.Void](`document.documentElement.style.setProperty("--sans", "sans-serif")`))
	file := Get(t, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	printed, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.tb.Fatalf("testkit: read what was printed: %v", err)
	}
	for n := range printed.NumPage() {
		text, err := printed.Page(n + 1).GetPlainText(nil)
		if err != nil {
			t.tb.Fatalf("testkit: read sheet %d: %v", n+1, err)
		}
		sheets = append(sheets, strings.Join(strings.Fields(text), " "))
	}
	return sheets
}
