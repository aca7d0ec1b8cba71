package renewal_test

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"perennial/internal/renewal"
)

func TestCursorIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zé名 ]{0,20}`)
		c := renewal.Cursor{Number: rapid.Int64().Draw(t, "number"), Text: text.Draw(t, "text"), ID: "i" + text.Draw(t, "id")}
		if got, err := renewal.ParseCursor(c.String()); err != nil || got != c {
			t.Fatalf("%+v was read as %+v, %v", c, got, err)
		}
		if url.QueryEscape(c.String()) != c.String() {
			t.Fatalf("%q needs escaping", c.String())
		}
	})
	if c := (renewal.Cursor{Number: 5, Text: "x"}); !c.IsZero() || c.String() != "" {
		t.Error("a cursor without an ID points somewhere")
	}
}

func TestDamagedCursors(t *testing.T) {
	for name, raw := range map[string]string{
		"empty": "", "no parts": "abc", "two parts": "1\x00name", "four parts": "1\x00name\x00id\x00more",
		"no ID": "1\x00name\x00", "no number": "\x00name\x00id", "bad number": "1.5\x00name\x00id",
		"too large": strings.Repeat("z", 20) + "\x00name\x00id", "not UTF-8": "1\x00\xff\x00id",
	} {
		if got, err := renewal.ParseCursor(base64.RawURLEncoding.EncodeToString([]byte(raw))); err == nil || !got.IsZero() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := renewal.ParseCursor("???"); err == nil {
		t.Error("not base64, and understood")
	}
}

func TestSortString(t *testing.T) {
	for want, s := range map[string]renewal.Sort{"expiry": {By: renewal.ByExpiry}, "-name": {By: renewal.ByName, Desc: true}} {
		if s.String() != want {
			t.Errorf("%+v is written %q", s, s.String())
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add("")
	f.Add("!")
	f.Add("AAAA")
	f.Add(renewal.Cursor{Number: 1_795_000_000_000, Text: "batch", ID: "ecs-1"}.String())
	f.Add(renewal.Cursor{Number: -1, ID: "x"}.String())
	f.Fuzz(func(t *testing.T, text string) {
		c, err := renewal.ParseCursor(text)
		if err != nil {
			return
		}
		if c.IsZero() || !utf8.ValidString(c.Text+c.ID) || strings.Contains(c.Text+c.ID, "\x00") {
			t.Fatalf("%q was read as %+v", text, c)
		}
		if again, err := renewal.ParseCursor(c.String()); err != nil || again != c {
			t.Fatalf("%+v was read back as %+v, %v", c, again, err)
		}
	})
}

func fuzzSeeds(f *testing.F) {
	for _, seed := range []string{
		"", "tab=auto&q=x&status=expired&status=frozen&expires=7d&late=1", "expires=range&from=2026-12-01&to=2026-12-31",
		"from=0001-01-01&to=0000-12-31", "to=9999-12-31", "ids=a,b+c%0Ad;e%00", "blocked=locked&renewed=only&packages=hide&hide_unpaid=1",
		"name=%ff&order=%00&service=a&service=b&region=&project=%E5%90%8D", "nonsense=1&tab=manual&tab=auto", "released=2d&late=1",
		"sort=-fee&size=200&after=AAAA&before=!", "sort=-&size=-1",
	} {
		f.Add(seed)
	}
}

func FuzzParseFilter(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		filter, notices := renewal.ParseFilter(q)
		for _, n := range notices {
			if !utf8.ValidString(n) || len(n) > 600 {
				t.Fatalf("notice %q", n)
			}
		}
		again, more := renewal.ParseFilter(filter.Values())
		if len(more) > 0 || !reflect.DeepEqual(again, filter) {
			t.Fatalf("%+v is read back as %+v with %q", filter, again, more)
		}
		if len(filter.IDs) > renewal.MaximumIDs || len(notices) > 21 {
			t.Fatalf("%d IDs, %d notices", len(filter.IDs), len(notices))
		}
		filter.Words(renewal.Names{})
		for _, s := range filter.Spans(now, renewal.DefaultRetention, time.UTC) {
			if s.From.Before(now.Add(-30*renewal.Day)) || !s.To.IsZero() && !s.From.Before(s.To) {
				t.Fatalf("%+v spans %v", filter, s)
			}
		}
	})
}

func FuzzParseListing(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		l, _ := renewal.ParseListing(q)
		v := l.Values()
		v.Set("sort", l.Sort.String())
		for key, c := range map[string]renewal.Cursor{"after": l.After, "before": l.Before} {
			if !c.IsZero() {
				v.Set(key, c.String())
			}
		}
		if l.Size != 0 {
			v.Set("size", strconv.Itoa(l.Size))
		}
		for _, c := range l.Hidden {
			v.Add("hide", string(c))
		}
		again, more := renewal.ParseListing(v)
		if len(more) > 0 || !reflect.DeepEqual(again, l) {
			t.Fatalf("%+v is read back as %+v with %q", l, again, more)
		}
	})
}
