package main_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
)

var gatewayAt = regexp.MustCompile(`Sandbox gateway at (http://\S+)`)

// tills charge and refund at a gateway without pause and keep what it acknowledged.
type tills struct {
	mu      sync.Mutex
	refunds map[string]gateway.Refund // by key
}

// trade makes payment n of a round and refunds it, if the gateway lives so long.
func (b *tills) trade(ctx context.Context, c *gateway.Client, key string) error {
	id, err := c.Prepare(ctx, key, gateway.Charge{Card: sandbox.Visa, Amount: money.Of(500, "USD")})
	if err != nil {
		return err
	}
	if _, err := c.Capture(ctx, id); err != nil {
		return err
	}
	r, err := c.Refund(ctx, id, key, money.Of(300, "USD"))
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refunds[key] = r
	return nil
}

// The gateway is killed while it charges and refunds, again and again. What it
// acknowledged stands in its log, and asked again it says the same.
func TestSandboxGatewayIsKilledAndGoesOn(t *testing.T) {
	p := newPlace(t)
	log := filepath.Join(p.dir, "gateway.log")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	begin := func() (*server, *gateway.Client) {
		s := p.starting("sandbox-gateway", "--key=k", "--listen=127.0.0.1:0", "--log="+log)
		c, err := gateway.NewClient(s.until(gatewayAt)[1], "k", &http.Client{Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		return s, c
	}
	book := &tills{refunds: map[string]gateway.Refund{}}
	const rounds, workers = 4, 3
	for round := range rounds {
		s, c := begin()
		traded := make(chan struct{}, 1000)
		var open sync.WaitGroup
		for w := range workers {
			open.Go(func() {
				for n := 0; ; n++ {
					if err := book.trade(t.Context(), c, fmt.Sprint(round, w, n)); err != nil {
						if !errors.Is(err, gateway.ErrUnknown) {
							t.Errorf("a gateway that is killed said %v", err)
						}
						return
					}
					select {
					case traded <- struct{}{}:
					default:
					}
				}
			})
		}
		go func() { open.Wait(); close(traded) }() // nobody waits for workers that have given up
		for range 5 * (round + 1) {
			<-traded
		}
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-s.exited
		open.Wait()
	}

	refunds, err := sandbox.ReadRefunds(log)
	if err != nil {
		t.Fatal(err)
	}
	logged := map[string]string{}
	for _, r := range refunds {
		logged[r.Key] = r.ID
	}
	for key, r := range book.refunds {
		if logged[key] != r.ID {
			t.Errorf("refund %s was acknowledged and is not in the log", key)
		}
	}
	s, c := begin()
	for key, before := range maps.Clone(book.refunds) {
		if err := book.trade(t.Context(), c, key); err != nil || book.refunds[key] != before {
			t.Errorf("refund %s was %+v, is %+v, %v", key, before, book.refunds[key], err)
		}
	}
	s.mustStop()
	captures, err := sandbox.ReadLog(log)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := sandbox.ReadRefunds(log); err != nil || len(again) != len(refunds) || len(captures) < len(refunds) {
		t.Errorf("%d captures, %d refunds before and %d after, %v", len(captures), len(refunds), len(again), err)
	}
	t.Logf("killed %d times; %d captures and %d refunds, of which %d were acknowledged", rounds, len(captures), len(refunds), len(book.refunds))
}

// The card page is served to people without a key, and leads to the configured console.
func TestSandboxGatewayServesItsCardPage(t *testing.T) {
	p := newPlace(t)
	s := p.starting("sandbox-gateway", "--key=k", "--listen=127.0.0.1:0", "--return-to=https://console.example")
	c, err := gateway.NewClient(s.until(gatewayAt)[1], "k", nil)
	if err != nil {
		t.Fatal(err)
	}
	for returnTo, want := range map[string]int{"https://console.example/wallet": 200, "http://127.0.0.1:8080/wallet": 200, "https://evil.example/": 400} {
		id, err := c.AskCard(t.Context(), returnTo, "acme", returnTo)
		if refused := errors.Is(err, gateway.ErrInvalid); refused != (want == 400) {
			t.Errorf("%s: %v", returnTo, err)
		}
		if status, err := get(t.Context(), c.CardPage(id)); err != nil || status != want {
			t.Errorf("%s: %d, %v", returnTo, status, err)
		}
	}
	s.mustStop()
}
