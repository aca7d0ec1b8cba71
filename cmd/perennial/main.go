// Command perennial is the console: one program that serves it, shows it, and
// does at the command line what only an operator may do. It wires the packages
// together and minds the signals; what it wires is elsewhere.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // billing zones must not depend on the machine

	"perennial/internal/config"
	"perennial/internal/fault"
)

// program is what a command works with besides its flags.
type program struct {
	config.CLI
	in       io.Reader
	out, err io.Writer
}

// commands are the commands by their words.
var commands = map[string]func(context.Context, program) error{
	"serve":             serve,
	"demo":              demonstrate,
	"import instances":  importInstances,
	"import prices":     importPrices,
	"account create":    accountCreate,
	"account list":      accountList,
	"account set":       accountSet,
	"user create":       userCreate,
	"user list":         userList,
	"user set-password": userSetPassword,
	"user set-role":     userSetRole,
	"user delete":       userDelete,
	"deposit":           deposit,
	"coupon grant":      couponGrant,
	"coupon list":       couponList,
	"coupon freeze":     couponFreeze,
	"discount grant":    discountGrant,
	"discount list":     discountList,
	"discount end":      discountEnd,
	"credit set":        creditSet,
	"credit repay":      creditRepay,
	"refund":            refund,
	"payment list":      paymentList,
	"payment settle":    paymentSettle,
	"reconcile run":     reconcileRun,
	"reconcile list":    reconcileList,
	"reconcile enter":   reconcileEnter,
	"reconcile return":  reconcileReturn,
	"reconcile dismiss": reconcileDismiss,
	"migrate":           migrate,
	"backup":            backup,
	"doctor":            doctor,
	"sandbox-gateway":   sandboxGateway,
}

func main() {
	// The first signal stops cleanly, the second at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:]))
}

// run does one command and returns the program's exit code: 0 when it was done, 1
// when it failed, 2 when it was not understood.
func run(ctx context.Context, args []string) int {
	cli, command, err := config.Parse(args, os.Stdout, os.Exit)
	if err != nil {
		fmt.Fprintf(os.Stderr, "perennial: %s. Try perennial --help.\n", sentence(err))
		return 2
	}
	err = commands[command](ctx, program{CLI: cli, in: os.Stdin, out: os.Stdout, err: os.Stderr})
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "perennial: "+sentence(err))
		return 1
	}
	return 0
}

// sentence puts an error on one line: what was written for people, or else all
// that is known.
func sentence(err error) string {
	text := err.Error()
	if f, ok := fault.Of(err); ok {
		text = f.Message
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// logger writes JSON lines on standard error, from the given level on.
func (p program) logger(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		panic("config let a log level pass: " + level)
	}
	return slog.New(slog.NewJSONHandler(p.err, &slog.HandlerOptions{Level: l}))
}
