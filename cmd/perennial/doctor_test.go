package main_test

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"perennial/internal/app"
	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
	"perennial/internal/testkit"
)

// Doctor asks the gateway where it is named, and is clean only where both agree.
func TestDoctor_ComparesWithTheGateway(t *testing.T) {
	box, err := sandbox.Open(filepath.Join(t.TempDir(), "gateway.log"), clock.NewManual(testkit.Start), sandbox.WithAPIKey("secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	door := httptest.NewServer(box)
	defer door.Close()
	client, err := gateway.NewClient(door.URL, "secret", door.Client())
	if err != nil {
		t.Fatal(err)
	}
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(client))
	_, err = w.App.TopUp(w.Context(), w.Buyer, app.TopUpInput{Amount: "25.00", ReturnTo: "/wallet", Key: "one"})
	w.Must(err)
	p := newPlace(t)
	doctor := []string{"doctor", "--database=" + w.Location, "--gateway-url=" + door.URL, "--gateway-key=secret"}
	if out := p.must("", doctor...); !strings.Contains(out, "Payments that the gateway listed: 1, of other installations: 0. Entered: 0. To decide: 0.") {
		t.Errorf("both agree:\n%s", out)
	}
	// The gateway captured a payment that no record says anything of.
	id, err := client.Prepare(t.Context(), "stray", gateway.Charge{Card: sandbox.Visa, Amount: money.Of(9_00, "USD"), Description: "stray"})
	w.Must(err)
	_, err = client.Capture(t.Context(), id)
	w.Must(err)
	out, errOut, code := p.run("", doctor...)
	if code != 1 || !strings.Contains(out, id) || !strings.Contains(errOut, "The gateway and the records differ: 1.") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if out := p.must("", doctor[:2]...); strings.Contains(out, "differ") {
		t.Errorf("without a gateway:\n%s", out)
	}
}

// A server and a doctor that know no gateway say so where card payments wait for one.
func TestServe_WarnsOfOpenPaymentsWithoutAGateway(t *testing.T) {
	g := testkit.NewGateway(t)
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(g.Client))
	g.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
	_, err := w.App.TopUp(w.Context(), w.Buyer, app.TopUpInput{Amount: "25.00", ReturnTo: "/wallet", Key: "one"})
	w.Must(err)
	p := newPlace(t)
	if out := p.must("", "doctor", "--database="+w.Location); !strings.Contains(out, "The outcome of 1 card payments is not known.") {
		t.Errorf("doctor:\n%s", out)
	}
	s := p.serving("--database=" + w.Location)
	s.mustStop()
	if !strings.Contains(s.said, `no --gateway-url: nobody is asked about card payments whose outcome is not known","count":1`) {
		t.Errorf("the log:\n%s", s.said)
	}
}
