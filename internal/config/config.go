// Package config is what the program can be told: one struct for the flags of
// every command and for their environment variables. A flag that describes the
// installation has a variable, PERENNIAL_ and its name in capitals; a flag that
// describes one act has none. The package decides what is well-formed and
// nothing else.
package config

import (
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/alecthomas/kong"
)

// CLI is the command line of perennial: its commands and their flags.
type CLI struct {
	Serve          Serve          `cmd:"" help:"Serve the console."`
	Demo           Demo           `cmd:"" help:"Serve a demonstration on this machine; needs nothing."`
	Import         Import         `cmd:"" help:"Import instances or a price book from CSV files."`
	Account        Account        `cmd:"" help:"Create, list and change accounts."`
	User           User           `cmd:"" help:"Create, list and change users."`
	Deposit        Deposit        `cmd:"" help:"Record a bank transfer into an account's wallet."`
	Coupon         Coupon         `cmd:"" help:"Give, list and freeze cash coupons."`
	Discount       Discount       `cmd:"" help:"Give, list and end discounts."`
	Credit         Credit         `cmd:"" help:"Set the credit line of an account, and record what is paid back."`
	Refund         Refund         `cmd:"" help:"Give a top-up back to the card that it came from, or record what was given back by hand."`
	Payment        Payment        `cmd:"" help:"List payments whose outcome is not known, and settle one by hand."`
	Reconcile      Reconcile      `cmd:"" help:"Compare the card gateway's payments with the records, and settle what differs."`
	Migrate        Migrate        `cmd:"" help:"Bring the database's schema to this version; serve does so by itself."`
	Backup         Backup         `cmd:"" help:"Write a copy of a SQLite database while the server goes on."`
	Doctor         Doctor         `cmd:"" help:"Check every promise that the data can break."`
	SandboxGateway SandboxGateway `cmd:"" help:"Serve a card gateway for trials, which moves no real money."`
}

// DefaultDatabase is where the data is if nothing else is said.
const DefaultDatabase = "perennial.db"

// Database says where the data is.
type Database struct {
	Database string `default:"${database}" placeholder:"FILE|URL" help:"SQLite file, or postgres:// address."`
}

// Logging says how much is logged, as JSON lines on standard error.
type Logging struct {
	LogLevel string `default:"info" enum:"debug,info,warn,error" help:"Least level that is logged: debug, info, warn or error."`
}

// Serve is the command that runs the console.
type Serve struct {
	Database
	Logging
	Listen        string    `default:"127.0.0.1:8080" help:"Address to listen on."`
	PublicURL     PublicURL `name:"public-url" required:"" placeholder:"URL" help:"Address at which people open the console. http is for this machine only."`
	TLSCert       string    `name:"tls-cert" placeholder:"FILE" help:"Certificate chain in PEM, to speak TLS on --listen. Read at the start."`
	TLSKey        string    `name:"tls-key" placeholder:"FILE" help:"Private key of --tls-cert in PEM."`
	MetricsListen string    `placeholder:"ADDRESS" help:"Address to serve Prometheus metrics on, such as 127.0.0.1:9464. None if not given."`
	TrustedProxy  []Network `placeholder:"CIDR" help:"Networks of proxies whose X-Forwarded-For is believed."`
	SessionKeys   []Secret  `placeholder:"KEY" help:"One or two secrets of 32 bytes in base64, the newest first. Made and kept in the database if not given."`
	SMTPURL       string    `name:"smtp-url" placeholder:"URL" help:"Mail server, smtp:// or smtps://, with user and password in it."`
	MailFrom      string    `default:"perennial@localhost" help:"Sender of mails."`
	MailFolder    string    `placeholder:"DIR" help:"Folder to write mails into as .eml files, where there is no mail server."`
	Gateway
	StateDir
}

// Demo is the command that shows the console with an estate of its own.
type Demo struct {
	// LogLevel is Logging with another default: what a demonstration prints is for
	// whoever tries it.
	LogLevel string `default:"warn" enum:"debug,info,warn,error" help:"Least level that is logged: debug, info, warn or error."`
	// Database has no variable: one that is set for serve must not get an invented estate.
	Database  string  `env:"-" placeholder:"FILE|URL" help:"Database to keep the demonstration in; a temporary one if not given."`
	Listen    string  `default:"127.0.0.1:8080" help:"Address to listen on, on this machine only."`
	Instances Count   `default:"12480" env:"-" help:"How many instances the estate has."`
	Seed      uint64  `default:"20" env:"-" help:"What the estate is made from; the same seed makes the same estate."`
	Now       Instant `placeholder:"TIME" env:"-" help:"Instant at which the clock starts, such as 2026-11-22T06:00:00Z."`
}

// Import is the command that reads CSV files.
type Import struct {
	Instances ImportFile `cmd:"" help:"Import instances. Reports only, unless --apply is given."`
	Prices    ImportFile `cmd:"" help:"Import a price book. Reports only, unless --apply is given."`
}

// ImportFile is one file to import.
type ImportFile struct {
	Database
	Logging
	File    string `arg:"" help:"CSV file, or - for standard input."`
	Account string `env:"-" placeholder:"ID" help:"Account, by id or name; may be left out where there is one only."`
	Apply   bool   `env:"-" help:"Write what the report says."`
}

// Migrate is the command that changes the schema.
type Migrate struct {
	Database
	Logging
}

// Backup is the command that copies the database.
type Backup struct {
	Database
	Logging
	File string `arg:"" help:"File to write, which may not exist yet."`
}

// Doctor is the command that checks the data.
type Doctor struct {
	Database
	Logging
	Gateway
	StateDir
}

// SandboxGateway is the command that stands in for a card gateway.
type SandboxGateway struct {
	Listen   string `default:"127.0.0.1:8090" help:"Address to listen on."`
	Log      string `default:"gateway.log" env:"-" placeholder:"FILE" help:"File that holds what the gateway did."`
	Key      string `env:"PERENNIAL_GATEWAY_KEY" required:"" placeholder:"KEY" help:"API key of the card gateway."`
	ReturnTo string `name:"return-to" env:"-" placeholder:"URL" help:"Console that the card page may lead back to, besides those on this machine."`
}

// parser makes the command line's parser over a CLI.
func parser(cli *CLI, opts ...kong.Option) (*kong.Kong, error) {
	opts = append([]kong.Option{
		kong.Name("perennial"),
		kong.Description("A console that renews yearly and monthly cloud instances."),
		kong.DefaultEnvars("PERENNIAL"),
		kong.Vars{"database": DefaultDatabase},
	}, opts...)
	k, err := kong.New(cli, opts...)
	if err != nil {
		return nil, fmt.Errorf("build the command line: %w", err)
	}
	return k, nil
}

// Parse reads arguments and environment. command is the words of the command,
// such as "user create". After --help was answered on out, exit is called.
func Parse(args []string, out io.Writer, exit func(int)) (cli CLI, command string, err error) {
	k, err := parser(&cli, kong.Writers(out, out), kong.Exit(exit))
	if err != nil {
		return cli, "", err
	}
	ctx, err := k.Parse(args)
	if err != nil {
		return cli, "", named(err)
	}
	for _, step := range ctx.Path {
		if step.Command != nil {
			if command != "" {
				command += " "
			}
			command += step.Command.Name
		}
	}
	return cli, command, nil
}

var fromVariable = regexp.MustCompile(`(?s) \(from envar (\w+)=".*"\)`)

// named is an error about a variable with its name alone: kong shows its value as
// well, which may be a secret.
func named(err error) error {
	if text := err.Error(); fromVariable.MatchString(text) {
		return errors.New(fromVariable.ReplaceAllString(text, " (from $1)"))
	}
	return err
}
