package app

import (
	"errors"

	"perennial/internal/fault"
	"perennial/internal/store"
)

// saidOfRequest adds to trouble of the database what a request with a key did: it
// did nothing unless its COMMIT was sent. An earlier one with the same key may have
// charged, so the sentence is about this request alone.
func saidOfRequest(err error) error {
	f, ok := fault.Of(err)
	switch {
	case !ok || !errors.Is(err, store.ErrTrouble):
		return err
	case errors.Is(err, store.ErrOutcomeUnknown):
		return fault.Wrap(err, f.Kind, "%s Send the form again to find out. That is safe: it is carried out only once.", f.Message)
	}
	return fault.Wrap(err, f.Kind, "%s This request charged nothing and changed nothing. Sending the form again is safe.", f.Message)
}

// NotKnownYet adds to trouble of the database what is true once a payment has been
// recorded: the gateway may have captured it by then, and the worker finds out.
func NotKnownYet(err error) error {
	f, ok := fault.Of(err)
	if !ok || !errors.Is(err, store.ErrTrouble) {
		return err
	}
	return fault.Wrap(err, f.Kind, "%s It is not known yet whether the payment went through. We keep checking, and sending the form again is safe: you will not be charged twice.", f.Message)
}
