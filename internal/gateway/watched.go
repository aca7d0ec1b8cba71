package gateway

import (
	"context"
	"errors"
	"time"

	"perennial/internal/clock"
	"perennial/internal/money"
)

// How a call ended, for who counts calls.
const (
	AnswerOK           = "ok"
	AnswerDeclined     = "declined" // a payment is declined; that is no error
	AnswerUnknown      = "unknown"
	AnswerBusy         = "busy"
	AnswerUnauthorized = "unauthorized"
	AnswerInvalid      = "invalid"
	AnswerNotFound     = "not_found"
	AnswerNoCard       = "no_card"
	AnswerKeyReused    = "key_reused"
	AnswerNotCaptured  = "not_captured"
	AnswerTooMuch      = "too_much"
	AnswerRefused      = "refused" // in another way
)

var answers = []struct {
	err    error
	answer string
}{
	{ErrBusy, AnswerBusy}, {ErrUnauthorized, AnswerUnauthorized}, {ErrInvalid, AnswerInvalid}, {ErrNotFound, AnswerNotFound},
	{ErrNoCard, AnswerNoCard}, {ErrKeyReused, AnswerKeyReused}, {ErrNotCaptured, AnswerNotCaptured}, {ErrTooMuch, AnswerTooMuch},
	{ErrRefused, AnswerRefused},
}

func answerOf(err error) string {
	if err == nil {
		return AnswerOK
	}
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.answer
		}
	}
	return AnswerUnknown // also what nobody thought of
}

// Watch returns a gateway that reports how each call of g ended and how long it took.
// It reports what the caller gets, so an answer that cannot be read is unknown.
func Watch(g Gateway, c clock.Clock, report func(call, answer string, took time.Duration)) Gateway {
	return watched{g, c, report}
}

type watched struct {
	Gateway
	clock  clock.Clock
	report func(call, answer string, took time.Duration)
}

func (w watched) ended(call string, began time.Duration, answer string) {
	w.report(call, answer, w.clock.Monotonic()-began)
}

func (w watched) Prepare(ctx context.Context, key string, c Charge) (string, error) {
	began := w.clock.Monotonic()
	id, err := w.Gateway.Prepare(ctx, key, c)
	w.ended("prepare", began, answerOf(err))
	return id, err
}

func (w watched) Capture(ctx context.Context, id string) (Result, error) {
	began := w.clock.Monotonic()
	r, err := w.Gateway.Capture(ctx, id)
	w.ended("capture", began, answerWith(r, err))
	return r, err
}

func (w watched) Get(ctx context.Context, id string) (Result, error) {
	began := w.clock.Monotonic()
	r, err := w.Gateway.Get(ctx, id)
	w.ended("get", began, answerWith(r, err))
	return r, err
}

func answerWith(r Result, err error) string {
	if err == nil && r.State == Declined {
		return AnswerDeclined
	}
	return answerOf(err)
}

func (w watched) List(ctx context.Context, after string) (Page, error) {
	began := w.clock.Monotonic()
	p, err := w.Gateway.List(ctx, after)
	w.ended("list", began, answerOf(err))
	return p, err
}

func (w watched) Refund(ctx context.Context, id, key string, amount money.Amount) (Refund, error) {
	began := w.clock.Monotonic()
	r, err := w.Gateway.Refund(ctx, id, key, amount)
	w.ended("refund", began, answerOf(err))
	return r, err
}

func (w watched) AskCard(ctx context.Context, key, account, returnTo string) (string, error) {
	began := w.clock.Monotonic()
	session, err := w.Gateway.AskCard(ctx, key, account, returnTo)
	w.ended("ask_card", began, answerOf(err))
	return session, err
}

func (w watched) Answered(ctx context.Context, session, account string) (Card, bool, error) {
	began := w.clock.Monotonic()
	card, entered, err := w.Gateway.Answered(ctx, session, account)
	w.ended("answered", began, answerOf(err))
	return card, entered, err
}
