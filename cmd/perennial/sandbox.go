package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"perennial/internal/clock"
	"perennial/internal/config"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
)

// sandboxGateway serves a card gateway that moves no real money. It listens on
// this machine only, because whoever reaches it can tell it to misbehave.
func sandboxGateway(ctx context.Context, p program) (err error) {
	in := p.SandboxGateway
	host, _, err := net.SplitHostPort(in.Listen)
	if err != nil || !config.Loopback(host) {
		return fault.New(fault.Invalid, "--listen %s is not an address of this machine such as 127.0.0.1:8090.", in.Listen)
	}
	options := []sandbox.Option{sandbox.WithAPIKey(in.Key)}
	if in.ReturnTo != "" {
		options = append(options, sandbox.WithReturnTo(in.ReturnTo))
	}
	s, err := sandbox.Open(in.Log, clock.NewSystem(), options...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	listener, err := net.Listen("tcp", in.Listen)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "--listen %s: %s.", in.Listen, err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		_ = server.Close() // every call is whole in the log, or unknown to its caller
	}()
	fmt.Fprintf(p.out, "Sandbox gateway at http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the sandbox gateway: %w", err)
	}
	<-stopped
	return nil
}
