package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
)

// post sends a body with headers given as name, value pairs and returns status and answer.
func post(t *testing.T, url, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

func TestMoodsOverHTTP(t *testing.T) {
	_, c, url, _ := run(t, newLog(t))
	mood := func(body string) {
		t.Helper()
		if status, answer := post(t, url+"/sandbox/mood", body); status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", body, status, answer)
		}
	}
	mood(`{"mood":"decline:do_not_honor","next":["busy","error_before"]}`)
	id := prepare(t, c, "k") // prepares are in no mood
	for _, want := range []error{gateway.ErrBusy, gateway.ErrUnknown, nil} {
		if _, err := c.Capture(t.Context(), id); !errors.Is(err, want) {
			t.Fatalf("got %v, want %v", err, want)
		}
	}
	if state(t, c, id) != gateway.Declined {
		t.Fatal("the standing mood does not follow the queue")
	}
	mood(`{"next":["busy"],"calls":["get"]}`)
	mood(`{"mood":"error_after","calls":["get","prepare"]}`) // forgets the queue
	if _, err := c.Get(t.Context(), id); !errors.Is(err, gateway.ErrUnknown) {
		t.Fatal(err)
	}
	if _, err := c.Prepare(t.Context(), "l", gateway.Charge{Card: sandbox.Visa, Amount: price, Description: "Top-up of l"}); !errors.Is(err, gateway.ErrUnknown) {
		t.Fatal(err)
	}
	mood(`{"mood":"approve","calls":["get","prepare","capture"]}`)
	if r, err := c.Capture(t.Context(), prepare(t, c, "l")); err != nil || r.State != gateway.Captured {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestReleaseOverHTTP(t *testing.T) {
	box, c, url, _ := run(t, newLog(t))
	id := prepare(t, c, "k")
	box.SetMood(sandbox.Slow)
	done := make(chan error, 1)
	go func() { _, err := c.Capture(t.Context(), id); done <- err }()
	if err := box.AwaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if status, answer := post(t, url+"/sandbox/release", ""); status != http.StatusNoContent {
		t.Fatal(status, answer)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestBadMoodsChangeNothing(t *testing.T) {
	_, c, url, _ := run(t, newLog(t))
	for _, body := range []string{"", "{}", "null", `{"mood":"approv"}`, `{"mood":"decline:"}`, `{"mood":"decline:A B"}`,
		`{"mood":"busy","calls":["void"]}`, `{"mood":"busy","next":["x"]}`, `{"next":[]}`, `{"mood":"busy","x":1}`,
		`{"mood":"busy"}{}`, `{"mood":"busy","next":["` + strings.Repeat("x", 64<<10) + `"]}`} {
		if status, answer := post(t, url+"/sandbox/mood", body); status != http.StatusBadRequest {
			t.Errorf("%.60s: %d %s", body, status, answer)
		}
	}
	if _, err := c.Capture(t.Context(), prepare(t, c, "k")); err != nil {
		t.Error(err)
	}
}

func TestBadRequestsAreRefusedAndUseUpNoMood(t *testing.T) {
	log := newLog(t)
	box, c, url, _ := run(t, log)
	box.Queue(sandbox.CallPrepare, sandbox.Busy)
	box.Queue(sandbox.CallRefund, sandbox.Busy)
	for _, body := range []string{"", "null", "[]", `{"key":"k"}`, `{"key":"k",CARD"amount":0,"currency":"USD"}`, `{"key":"k",CARD"amount":-1,"currency":"USD"}`,
		`{"key":"k",CARD"amount":1.5,"currency":"USD"}`, `{"key":"k",CARD"amount":1,"currency":"usd"}`, `{"key":"",CARD"amount":1,"currency":"USD"}`,
		`{"key":"k",CARD"amount":9223372036854775808,"currency":"USD"}`,
		`{"key":"` + strings.Repeat("k", 256) + `",CARD"amount":1,"currency":"USD"}`, `{"key":"k",CARD"amount":1,"currency":"USD","more":1}`,
		`{"key":"k",CARD"amount":1,"currency":"USD"} x`, strings.Repeat(" ", 65<<10) + `{"key":"k",CARD"amount":1,"currency":"USD"}`,
		`{"key":"k","amount":1,"currency":"USD"}`, // a payment without a card, which is a whole refund
		`{"key":"k",CARD"amount":1,"currency":"USD","description":"` + strings.Repeat("x", 501) + `"}`,
		`{"key":"k",CARD"amount":1,"currency":"USD","data":["` + strings.Repeat("x", 501) + `"]}`,
		`{"key":"k",CARD"amount":1,"currency":"USD","data":["x"` + strings.Repeat(`,"x"`, 45) + `]}`} {
		for path, card := range map[string]string{"/v1/payments": `"card":"tok_visa_4242",`, "/v1/payments/x/refunds": ""} {
			if card == "" && !strings.Contains(body, "CARD") {
				continue
			}
			status, answer := post(t, url+path, strings.Replace(body, "CARD", card, 1))
			if status != http.StatusBadRequest || !strings.Contains(answer, `"code":"invalid"`) {
				t.Errorf("%s, %.60s: %d %s", path, body, status, answer)
			}
		}
	}
	if _, err := c.Refund(t.Context(), "pay_x", "k", price); !errors.Is(err, gateway.ErrBusy) {
		t.Error(err)
	}
	if _, err := c.Prepare(t.Context(), "k", visa); !errors.Is(err, gateway.ErrBusy) {
		t.Error(err)
	}
	id := prepare(t, c, "k")
	if status, _ := post(t, url+"/v1/payments/"+id+"/capture", strings.Repeat("x", 65<<10)); status != http.StatusBadRequest {
		t.Errorf("an endless body: %d", status)
	}
	if len(readLog(t, log)) != 0 {
		t.Error("a bad request captured")
	}
}

func TestAPIKeyGuardsEverything(t *testing.T) {
	log := newLog(t)
	_, c, url, _ := run(t, log, sandbox.WithAPIKey("s3cret"))
	if _, err := c.Prepare(t.Context(), "k", visa); !errors.Is(err, gateway.ErrUnauthorized) {
		t.Error(err)
	}
	for _, path := range []string{"/v1/payments", "/v1/payments/x/capture", "/v1/payments/x/refunds", "/sandbox/mood", "/sandbox/release"} {
		for _, header := range []string{"", "Bearer ", "Bearer s3cre", "bearer s3cret", "s3cret", "Basic s3cret", "Bearer s3cretx"} {
			if status, answer := post(t, url+path, `{"mood":"busy"}`, "Authorization", header); status != http.StatusUnauthorized {
				t.Errorf("%s with %q: %d %s", path, header, status, answer)
			}
		}
	}
	if status, answer := post(t, url+"/sandbox/mood", `{"mood":"busy"}`, "Authorization", "Bearer s3cret"); status != http.StatusNoContent {
		t.Errorf("the right key: %d %s", status, answer)
	}
}

func TestOtherSitesPagesAreKeptOut(t *testing.T) {
	_, _, url, _ := run(t, newLog(t))
	for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		if status, _ := post(t, url+"/sandbox/mood", `{"mood":"busy"}`, h...); status != http.StatusForbidden {
			t.Errorf("%v: %d", h, status)
		}
	}
}
