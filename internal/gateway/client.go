package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"perennial/internal/money"
)

// The limits of one request and answer, in bytes.
const (
	maxAnswer      = 64 << 10
	maxKey         = 255
	maxDescription = 500
)

// Client is a Gateway that speaks HTTP:
//
//	POST /v1/payments               {"key", "amount", "currency", "description"}
//	POST /v1/payments/{id}/capture
//	GET  /v1/payments/{id}
//
// Each answers 200 with {"id", "key", "amount", "currency", "state",
// "decline_reason", "captured_at"}, amounts in minor units and times in RFC 3339,
// or a refusal with {"error": {"code", "message", "subject"}}.
type Client struct {
	base   string
	apiKey string
	http   *http.Client
}

var _ Gateway = (*Client)(nil)

// NewClient returns a client of the gateway at baseURL. The API key is sent as a
// bearer token, so plain http is accepted for loopback addresses only; an empty
// one sends none. Of hc, which may be nil, the transport and the time-out are
// used. Redirects are never followed and cookies never kept: a gateway that
// points elsewhere has not answered.
func NewClient(baseURL, apiKey string, hc *http.Client) (*Client, error) {
	u, err := url.Parse(baseURL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("gateway address: %w", err)
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("gateway address %q is not like https://gateway.example", u.Redacted())
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return nil, fmt.Errorf("gateway address %q: https is needed, except on loopback", baseURL)
	}
	for i := range len(apiKey) {
		if apiKey[i] <= ' ' || apiKey[i] > '~' {
			return nil, errors.New("gateway API key: only visible ASCII characters can be sent")
		}
	}
	c := &Client{base: strings.TrimRight(u.String(), "/"), apiKey: apiKey, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if hc != nil {
		c.http.Transport, c.http.Timeout = hc.Transport, hc.Timeout
	}
	return c, nil
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

type prepareRequest struct {
	Key         string         `json:"key"`
	Amount      int64          `json:"amount"`
	Currency    money.Currency `json:"currency"`
	Description string         `json:"description"`
}

// Prepare implements Gateway. Keys are 1 to 255 bytes, descriptions up to 500,
// amounts more than nothing; anything else is ErrInvalid and is not sent.
func (c *Client) Prepare(ctx context.Context, key string, amount money.Amount, description string) (string, error) {
	switch {
	case key == "" || len(key) > maxKey || !utf8.ValidString(key):
		return "", fmt.Errorf("prepare: %w: a key of %d bytes", ErrInvalid, len(key))
	case amount.Minor <= 0 || !amount.Currency.Known():
		return "", fmt.Errorf("prepare %s: %w: an amount of %d %q", key, ErrInvalid, amount.Minor, amount.Currency)
	case len(description) > maxDescription || !utf8.ValidString(description):
		return "", fmt.Errorf("prepare %s: %w: a description of %d bytes", key, ErrInvalid, len(description))
	}
	body, err := json.Marshal(prepareRequest{key, amount.Minor, amount.Currency, description})
	if err != nil {
		return "", fmt.Errorf("prepare %s: %w: %w", key, ErrInvalid, err)
	}
	r, err := c.ask(ctx, http.MethodPost, "/v1/payments", body, key, ErrInvalid, ErrKeyReused)
	if err == nil {
		err = r.Verify(r.ID, key, amount)
	}
	if err != nil {
		return "", fmt.Errorf("prepare %s: %w", key, err)
	}
	return r.ID, nil
}

// Capture implements Gateway. An answer that leaves the payment prepared is
// unknown: it contradicts what was asked.
func (c *Client) Capture(ctx context.Context, id string) (Result, error) {
	r, err := c.about(ctx, http.MethodPost, id, "/capture")
	if err == nil && r.State == Prepared {
		err = fmt.Errorf("%w: the gateway left it prepared", ErrUnknown)
	}
	if err != nil {
		return Result{}, fmt.Errorf("capture %s: %w", id, err)
	}
	return r, nil
}

// Get implements Gateway.
func (c *Client) Get(ctx context.Context, id string) (Result, error) {
	r, err := c.about(ctx, http.MethodGet, id, "")
	if err != nil {
		return Result{}, fmt.Errorf("get payment %s: %w", id, err)
	}
	return r, nil
}

func (c *Client) about(ctx context.Context, method, id, action string) (Result, error) {
	if !validID(id) {
		return Result{}, fmt.Errorf("%w: not an id of a payment", ErrInvalid)
	}
	r, err := c.ask(ctx, method, "/v1/payments/"+id+action, nil, id, ErrInvalid, ErrNotFound)
	if err == nil && r.ID != id {
		err = fmt.Errorf("%w: the answer is about payment %q", ErrUnknown, r.ID)
	}
	return r, err
}

// ask makes one call. The subject is the key or id that a refusal must name, and
// refusals are those that this call can meet besides the ones that all can.
func (c *Client) ask(ctx context.Context, method, path string, body []byte, subject string, refusals ...error) (Result, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.apiKey != "" {
		req.Header.Set("Authorization", "Bearer "+c.apiKey)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return Result{}, fmt.Errorf("%w: the answer broke off: %w", ErrUnknown, err)
	case len(answer) > maxAnswer:
		return Result{}, fmt.Errorf("%w: the answer is longer than %d bytes", ErrUnknown, maxAnswer)
	case resp.StatusCode == http.StatusOK:
		return parseResult(answer)
	}
	return Result{}, parseRefusal(resp.StatusCode, answer, subject, refusals)
}
