package testkit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// complaints are what a page threw, wrote to the console as an error, failed to
// load, or was kept from doing by the content security policy.
type complaints struct {
	mu       sync.Mutex
	heard    []string
	expected []string
}

// Expect announces complaints that contain text, such as "status of 409" before
// a page is meant to meet that answer. What is announced need not come.
func (c *complaints) Expect(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expected = append(c.expected, text)
}

// Complaints lists what the page has complained of so far, announced or not.
func (t *Tab) Complaints() []string {
	t.settle()
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.heard)
}

func (c *complaints) unexpected() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.heard), func(text string) bool {
		return slices.ContainsFunc(c.expected, func(e string) bool { return strings.Contains(text, e) })
	})
}

// hear runs inside the loop that reads the tab's messages.
func (c *complaints) hear(event any) {
	text := complaint(event)
	if text == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = append(c.heard, text)
}

// complaint tells what an event complains of, or "".
func complaint(event any) string {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		text := d.Text
		if d.Exception != nil && d.Exception.Description != "" {
			text += " " + d.Exception.Description
		}
		return fmt.Sprintf("exception: %s (%s:%d)", text, d.URL, d.LineNumber+1)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			return "console: " + words(e.Args)
		}
	case *log.EventEntryAdded:
		security := e.Entry.Source == log.EntrySourceSecurity
		if e.Entry.Level == log.EntryLevelError || security {
			return fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
	return ""
}

func words(args []*runtime.RemoteObject) string {
	var all []string
	for _, arg := range args {
		all = append(all, cmp.Or(arg.Description, strings.Trim(string(arg.Value), `"`)))
	}
	return strings.Join(all, " ")
}

// settle waits until everything the page has said so far is heard: messages come
// in order, so an answer is preceded by all that was said before it.
func (t *Tab) settle() {
	ctx, cancel := context.WithTimeout(t.Context, stepTimeout)
	defer cancel()
	_, _ = chromedp.Run(ctx, chromedp.Evaluate[int]("0")) // a tab that is gone has said all it will
}
