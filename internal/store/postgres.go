package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// silence is for how long a peer may not acknowledge what it was sent.
const silence = 10 * time.Second

// sessionSettings end what a server that was stopped, or cut off, would hold for
// ever: its transactions keep rows locked that others need. A lease is given up after
// ten seconds, so a transaction that nobody continues is gone before. What the
// address or its options set stays.
func sessionSettings(idle, lock, statement time.Duration) map[string]string {
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return map[string]string{
		"idle_in_transaction_session_timeout": ms(idle), "lock_timeout": ms(lock), "statement_timeout": ms(statement),
		"tcp_user_timeout": ms(silence), "tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3",
	}
}

var (
	servingSettings     = onOneProcessor(sessionSettings(4*time.Second, 3*time.Second, 15*time.Second))
	maintenanceSettings = sessionSettings(time.Minute, 30*time.Second, 10*time.Minute)
)

// onOneProcessor keeps one costly page from all processors of the database, which
// others want, too.
func onOneProcessor(settings map[string]string) map[string]string {
	settings["max_parallel_workers_per_gather"] = "0"
	return settings
}

func postgres(location string) (dialect, error) {
	config, err := postgresConfig(location)
	if err != nil {
		return dialect{}, fmt.Errorf("read the database address: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = silence
	}
	config.DialFunc = dial
	connector := func(settings map[string]string) func() (driver.Connector, error) {
		own := config.Copy()
		for name, value := range settings {
			if _, given := own.RuntimeParams[name]; !given && !strings.Contains(own.RuntimeParams["options"], name) {
				own.RuntimeParams[name] = value
			}
		}
		return func() (driver.Connector, error) { return stdlib.GetConnector(*own), nil }
	}
	return dialect{
		tables: "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()",
		name:   "postgres", goose: goose.DialectPostgres, rowLock: " FOR UPDATE", skipLocked: " SKIP LOCKED",
		scattered: 1_000, // each statement is a way to the server and back
		analyze:   "ANALYZE ", textType: `TEXT COLLATE "C"`, readLevel: sql.LevelRepeatableRead,
		writer: connector(servingSettings), maintenance: connector(maintenanceSettings),
	}, nil
}

func postgresConfig(location string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(location)
	if err != nil || !unsaidTLS(location, config) {
		return config, err
	}
	if location, err = verified(location); err != nil {
		return nil, err
	}
	return pgx.ParseConfig(location)
}

// unsaidTLS reports whether an address leads over a network and nobody said how: the
// driver would then send the password in the clear to whoever answers that it has no
// TLS. A service file is the operator's word.
func unsaidTLS(location string, config *pgx.ConnConfig) bool {
	u, err := url.Parse(location)
	if err != nil || u.Query().Has("sslmode") || os.Getenv("PGSSLMODE") != "" || u.Query().Has("service") || os.Getenv("PGSERVICE") != "" {
		return false
	}
	hosts := []string{config.Host}
	for _, f := range config.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	return slices.ContainsFunc(hosts, func(host string) bool { return !onThisMachine(host) })
}

func onThisMachine(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@")
}

// verified is an address that asks for TLS and for a certificate of that host.
func verified(location string) (string, error) {
	u, err := url.Parse(location)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("sslmode", "verify-full")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// dial connects so that a server which is gone without a word is noticed.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
		Control:         giveUpSilence,
	}
	return d.DialContext(ctx, network, address)
}
