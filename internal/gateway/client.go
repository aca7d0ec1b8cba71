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
	maxList        = 2 << 20
	maxKey         = 255
	maxDescription = 500
	maxCursor      = 255
)

// Client is a Gateway that speaks HTTP:
//
//	POST /v1/payments               {"key", "card", "amount", "currency", "description", "data"}
//	POST /v1/payments/{id}/capture
//	GET  /v1/payments/{id}
//	GET  /v1/payments?after=…
//	POST /v1/payments/{id}/refunds  {"key", "amount", "currency"}
//	POST /v1/card-sessions          {"key", "account", "return_to"}
//	GET  /v1/card-sessions/{id}
//
// The first three answer 200 with {"id", "key", "card", "amount", "currency",
// "state", "decline_reason", "captured_at", "refunded_amount", "data"}, where data is
// an array of up to 45 texts of up to 500 characters, the list with {"payments",
// "next", "more"} in pages of up to 1 MiB, a refund with
// {"id", "payment", "key", "amount", "currency", "refunded_at"}, a session with
// {"id", "key", "account", "state", "card"}, where state is open, or completed with
// card as {"token", "brand", "last4", "exp_month", "exp_year"}; amounts in minor
// units and times in RFC 3339; or each with a refusal {"error": {"code", "message",
// "subject"}}. People enter cards at /cards/new?session=….
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
	if !printable(apiKey) {
		return nil, errors.New("gateway API key: only visible ASCII characters can be sent")
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
	Card        string         `json:"card"`
	Amount      int64          `json:"amount"`
	Currency    money.Currency `json:"currency"`
	Description string         `json:"description"`
	Data        []string       `json:"data,omitempty"`
}

// Prepare implements Gateway. Keys are 1 to 255 bytes, descriptions up to 500, data
// up to MaximumData, amounts greater than zero; anything else is ErrInvalid and is
// not sent.
func (c *Client) Prepare(ctx context.Context, key string, charge Charge) (string, error) {
	amount := charge.Amount
	err := usable(key, amount)
	switch {
	case err != nil:
		return "", fmt.Errorf("prepare: %w", err)
	case !validToken(charge.Card): // not repeated here: it may be a card's number
		return "", fmt.Errorf("prepare %s: %w: not a token of a card", key, ErrInvalid)
	case len(charge.Description) > maxDescription || !utf8.ValidString(charge.Description):
		return "", fmt.Errorf("prepare %s: %w: a description of %d bytes", key, ErrInvalid, len(charge.Description))
	case len(charge.Data) > MaximumData || !printable(charge.Data):
		return "", fmt.Errorf("prepare %s: %w: data of %d bytes", key, ErrInvalid, len(charge.Data))
	}
	r, err := ask(ctx, c, http.MethodPost, "/v1/payments",
		prepareRequest{key, charge.Card, amount.Minor, amount.Currency, charge.Description, cut(charge.Data)},
		refusals{ErrKeyReused: key, ErrNoCard: charge.Card}, parseResult)
	if err == nil {
		err = r.Verify(r.ID, key, charge)
	}
	if err != nil {
		return "", fmt.Errorf("prepare %s: %w", key, err)
	}
	return r.ID, nil
}

// cut divides data into the fields that a gateway keeps.
func cut(data string) (fields []string) {
	for len(data) > 0 {
		n := min(dataFieldLength, len(data))
		fields, data = append(fields, data[:n]), data[n:]
	}
	return fields
}

// printable reports whether text is visible ASCII: such text keeps its length in
// any encoding, and no gateway trims it.
func printable(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

func usable(key string, amount money.Amount) error {
	switch {
	case key == "" || len(key) > maxKey || !utf8.ValidString(key):
		return fmt.Errorf("%w: a key of %d bytes", ErrInvalid, len(key))
	case amount.Minor <= 0 || !amount.Currency.Known():
		return fmt.Errorf("%w: an amount of %d %q", ErrInvalid, amount.Minor, amount.Currency)
	}
	return nil
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

// List implements Gateway.
func (c *Client) List(ctx context.Context, after string) (Page, error) {
	if len(after) > maxCursor || !printable(after) {
		return Page{}, fmt.Errorf("list payments: %w: a cursor of %d bytes", ErrInvalid, len(after))
	}
	path := "/v1/payments"
	if after != "" {
		path += "?after=" + url.QueryEscape(after)
	}
	page, err := askUpTo(ctx, c, maxList, http.MethodGet, path, nil, refusals{ErrNotFound: after},
		func(body []byte) (Page, error) { return parsePage(body, after) })
	if err != nil {
		return Page{}, fmt.Errorf("list payments after %q: %w", after, err)
	}
	return page, nil
}

func (c *Client) about(ctx context.Context, method, id, action string) (Result, error) {
	if !validID(id) {
		return Result{}, errNoID
	}
	r, err := ask(ctx, c, method, "/v1/payments/"+id+action, nil, refusals{ErrNotFound: id}, parseResult)
	if err == nil && r.ID != id {
		err = fmt.Errorf("%w: the answer is about payment %q", ErrUnknown, r.ID)
	}
	return r, err
}

var errNoID = fmt.Errorf("%w: not an id of a payment", ErrInvalid)

type refundRequest struct {
	Key      string         `json:"key"`
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency"`
}

// Refund implements Gateway. Keys and amounts are as those of Prepare; the keys of
// refunds and of payments do not meet.
func (c *Client) Refund(ctx context.Context, id, key string, amount money.Amount) (Refund, error) {
	if err := usable(key, amount); err != nil {
		return Refund{}, fmt.Errorf("refund: %w", err)
	}
	if !validID(id) {
		return Refund{}, fmt.Errorf("refund %s: %w", key, errNoID)
	}
	r, err := ask(ctx, c, http.MethodPost, "/v1/payments/"+id+"/refunds", refundRequest{key, amount.Minor, amount.Currency},
		refusals{ErrNotFound: id, ErrNotCaptured: id, ErrKeyReused: key, ErrTooMuch: key},
		func(body []byte) (Refund, error) { return parseRefund(body, id, key, amount) })
	if err != nil {
		return Refund{}, fmt.Errorf("refund %s of payment %s: %w", key, id, err)
	}
	return r, nil
}

type sessionRequest struct {
	Key      string `json:"key"`
	Account  string `json:"account"`
	ReturnTo string `json:"return_to"`
}

// maxReturnTo is the length of an address to lead back to, in bytes.
const maxReturnTo = 2048

// AskCard implements Gateway. Keys are as those of Prepare; accounts are 1 to 255
// bytes, and addresses up to 2,048.
func (c *Client) AskCard(ctx context.Context, key, account, returnTo string) (string, error) {
	for _, text := range []string{key, account} {
		if text == "" || len(text) > maxKey || !utf8.ValidString(text) {
			return "", fmt.Errorf("ask for a card: %w: a key or account of %d bytes", ErrInvalid, len(text))
		}
	}
	if len(returnTo) > maxReturnTo || !utf8.ValidString(returnTo) {
		return "", fmt.Errorf("ask for a card: %w: an address of %d bytes", ErrInvalid, len(returnTo))
	}
	s, err := ask(ctx, c, http.MethodPost, "/v1/card-sessions", sessionRequest{key, account, returnTo}, refusals{ErrKeyReused: key},
		func(body []byte) (cardSession, error) { return parseSession(body, account) })
	if err == nil && s.Key != key {
		err = fmt.Errorf("%w: the answer is about key %.160q", ErrUnknown, s.Key)
	}
	if err != nil {
		return "", fmt.Errorf("ask for a card: %w", err)
	}
	return s.ID, nil
}

// Answered implements Gateway.
func (c *Client) Answered(ctx context.Context, session, account string) (Card, bool, error) {
	if !validID(session) {
		return Card{}, false, fmt.Errorf("get the card of a session: %w: not an id of a session", ErrInvalid)
	}
	s, err := ask(ctx, c, http.MethodGet, "/v1/card-sessions/"+session, nil, refusals{ErrNotFound: session},
		func(body []byte) (cardSession, error) { return parseSession(body, account) })
	if err == nil && s.ID != session {
		err = fmt.Errorf("%w: the answer is about session %q", ErrUnknown, s.ID)
	}
	if err != nil {
		return Card{}, false, fmt.Errorf("get the card of session %s: %w", session, err)
	}
	return s.card, s.State == sessionCompleted, nil
}

// CardPage implements Gateway.
func (c *Client) CardPage(session string) string {
	return c.base + "/cards/new?session=" + url.QueryEscape(session)
}

// ask makes one call and has its answer parsed. A nil input sends no body.
func ask[T any](ctx context.Context, c *Client, method, path string, in any, possible refusals, parse func([]byte) (T, error)) (T, error) {
	return askUpTo(ctx, c, maxAnswer, method, path, in, possible, parse)
}

// askUpTo is ask for an answer of up to limit bytes.
func askUpTo[T any](ctx context.Context, c *Client, limit int, method, path string, in any, possible refusals, parse func([]byte) (T, error)) (none T, err error) {
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return none, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrInvalid, err)
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
		return none, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	switch {
	case err != nil:
		return none, fmt.Errorf("%w: the answer broke off: %w", ErrUnknown, err)
	case len(answer) > limit:
		return none, fmt.Errorf("%w: the answer is longer than %d bytes", ErrUnknown, limit)
	case resp.StatusCode == http.StatusOK:
		return parse(answer)
	}
	return none, parseRefusal(resp.StatusCode, answer, possible)
}
