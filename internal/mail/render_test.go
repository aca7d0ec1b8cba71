package mail_test

import (
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/mail"
	"perennial/internal/money"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var update = flag.Bool("update", false, "write the golden mails")

var public = &url.URL{Scheme: "https", Host: "renewals.acme.example"}

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// at is 2026-11-25 14:08 in the billing zone.
var at = time.Date(2026, 11, 25, 6, 8, 0, 0, time.UTC)

// samples are every kind of notice, in each shape that reads differently.
func samples() map[string]notice.Notice {
	task := notice.Task{TaskID: "0193-7", Number: 7, Zone: "Asia/Shanghai"}
	suspended := notice.TaskSuspended{Task: task, Version: 3, Renewed: 7_850, Left: 321, Shortfall: usd(741_30), Balance: usd(12_05),
		Endangered: []notice.Endangered{
			{InstanceID: "ecs-1", Name: "prod-db-35", Freezes: true, At: at},
			{InstanceID: "ecs-2", Name: "<b>R&D</b>\r\nBcc: all@acme.example", At: at.Add(time.Hour)},
		}, EndangeredTotal: 9}
	third := suspended
	third.Day, third.Shortfall, third.Endangered, third.EndangeredTotal = 3, usd(0), nil, 0
	pausedBy := func(p renewal.Pause, change func(*notice.TaskSuspended)) notice.TaskSuspended {
		n := notice.TaskSuspended{Task: task, Version: 4, Pause: p, Renewed: 7_850, Left: 321, Due: usd(6_812_40), Balance: usd(12_05)}
		change(&n)
		return n
	}
	return map[string]notice.Notice{
		"ready":           notice.TaskReady{Task: task, Version: 1, Renewable: 8_171, Blocked: 43, Fee: usd(18_981_85), Balance: usd(18_240_55), ExpiresAt: at},
		"ready-covered":   notice.TaskReady{Task: task, Version: 1, Renewable: 1, Fee: usd(10_00), Balance: usd(10_00), ExpiresAt: at},
		"ready-none":      notice.TaskReady{Task: task, Version: 1, Blocked: 43, Fee: usd(0), Balance: usd(1), ExpiresAt: at},
		"expiring":        notice.TaskExpiring{Task: task, Renewable: 8_171, Fee: usd(18_981_85), ExpiresAt: at},
		"expired":         notice.TaskExpired{Task: task, Renewable: 8_171, ExpiresAt: at},
		"suspended":       suspended,
		"suspended-later": third,
		"suspended-declined": pausedBy(renewal.PauseDeclined, func(n *notice.TaskSuspended) {
			n.Card, n.Declined, n.Shortfall = "Visa •••• 4242", "The card does not have enough funds.", usd(0)
		}),
		"suspended-unknown": pausedBy(renewal.PauseUnknown, func(n *notice.TaskSuspended) {
			n.Card, n.Charged, n.Units = "Visa •••• 4242", usd(2_136_00), 100
		}),
		"suspended-settled":      pausedBy(renewal.PauseSettled, func(n *notice.TaskSuspended) { n.Day = 1 }),
		"suspended-settled-done": pausedBy(renewal.PauseSettled, func(n *notice.TaskSuspended) { n.Renewed, n.Left, n.Due = 8_171, 0, usd(0) }),
		"suspended-consent":      pausedBy(renewal.PauseConsent, func(*notice.TaskSuspended) {}),
		"completed":              notice.TaskCompleted{Task: task, Renewed: 8_171, Paid: usd(18_981_85)},
		"completed-with-faults":  notice.TaskCompleted{Task: task, Renewed: 8_170, NotRenewed: 1, Paid: usd(18_950_23)},
		"failed":                 notice.TaskFailed{Task: task, Found: 10_240, Why: "More than 10,000 instances match by now."},
		"low-balance":            notice.LowBalance{Wallet: notice.Wallet{Zone: "Asia/Shanghai"}, EntryID: "0193-9", Balance: usd(412_05), Mark: usd(2_500_00), CreditLeft: usd(1_000_00)},
	}
}

func entry(t *testing.T, n notice.Notice) notice.Entry {
	t.Helper()
	facts, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return notice.Entry{ID: "0193a6e0-0000-7000-8000-000000000001", AccountID: "acme", Kind: n.Kind(), EventKey: n.EventKey(), Facts: facts,
		Recipients: []string{"finance@acme.example", "li.na@acme.example"}, State: notice.Queued, CreatedAt: at}
}

func render(t *testing.T, n notice.Notice) mail.Message {
	t.Helper()
	m, err := mail.Render(entry(t, n), public)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestGoldenMails(t *testing.T) {
	for name, n := range samples() {
		t.Run(name, func(t *testing.T) {
			m := render(t, n)
			golden(t, name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, name+".html", strings.ReplaceAll(m.HTML, "><", ">\n<")+"\n")
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./internal/mail -update writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; look at it, then go test ./internal/mail -update", file)
	}
}

// Every golden file belongs to a sample, so that none is kept for a mail that is gone.
func TestGoldenMailsBelongToSamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	all := samples()
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), filepath.Ext(f)); all[name] == nil {
			t.Errorf("%s belongs to no sample", f)
		}
	}
}

// Both twins of every mail lead to the page of what it is about and to nowhere else, by the configured
// address, and say the same figures.
func TestLinksAndTwins(t *testing.T) {
	for name, n := range samples() {
		t.Run(name, func(t *testing.T) {
			m := render(t, n)
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(m.HTML))
			if err != nil {
				t.Fatal(err)
			}
			link := "https://renewals.acme.example/tasks/0193-7"
			if _, ofTask := n.(notice.AboutTask); !ofTask {
				link = "https://renewals.acme.example/wallet"
			}
			doc.Find("[href], [src]").Each(func(_ int, s *goquery.Selection) {
				if s.AttrOr("href", "") != link {
					t.Errorf("the mail leads to %q %q", s.AttrOr("href", ""), s.AttrOr("src", ""))
				}
			})
			if doc.Find("a").Length() != 1 || !strings.Contains(m.Text, link) {
				t.Error("the link is missing")
			}
			if doc.Find("b, script, img, form").Length() > 0 {
				t.Error("the mail has markup that came from a name")
			}
			text := strings.Join(strings.Fields(m.Text), " ")
			doc.Find("h1, h1 + p, td[align=right]").Each(func(_ int, s *goquery.Selection) {
				if said := strings.Join(strings.Fields(s.Text()), " "); said != "" && !strings.Contains(text, said) {
					t.Errorf("only the HTML says %q", said)
				}
			})
		})
	}
}

func TestHeadersOfAMessage(t *testing.T) {
	m := render(t, samples()["ready"])
	for got, want := range map[string]string{
		m.Subject:   "RT-0007: 8,171 renewals ready to confirm for $18,981.85",
		m.MessageID: "0193a6e0-0000-7000-8000-000000000001@renewals.acme.example",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if !m.Date.Equal(at) || len(m.To) != 2 {
		t.Errorf("got %v to %v", m.Date, m.To)
	}
	if !strings.Contains(m.Text, "2026-11-25 14:08 (UTC+8)") {
		t.Error("the date is not in the billing zone")
	}
	if !strings.Contains(m.HTML, ">Confirm Renewal</a>") {
		t.Error("there is no Confirm Renewal")
	}
}

func TestWhatCannotBeRendered(t *testing.T) {
	for _, e := range []notice.Entry{
		{ID: "a", Kind: "rain", Facts: []byte("{}")},
		{ID: "a", Kind: notice.KindTaskReady, Facts: []byte("no JSON")},
	} {
		if _, err := mail.Render(e, public); err == nil {
			t.Errorf("%s %s was rendered", e.Kind, e.Facts)
		}
	}
}
