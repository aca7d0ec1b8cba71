// Package app is what people and the worker can do, one file a use case. It owns
// the transactions: it reads the state, asks the pure rules, writes what they
// decided together with the audit row and the notice, and commits. It knows
// neither HTTP nor templates, and it moves no money that a rule did not allow.
package app

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/clock"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/store"
)

// Deps is what an App works with.
type Deps struct {
	Store *store.DB
	Clock clock.Clock
	Rand  io.Reader // for keys and ids; crypto/rand.Reader outside tests
	Log   *slog.Logger
	// Wake tells the worker that there is something to do.
	Wake func()
	// Gateway charges cards; nil where none is configured.
	Gateway gateway.Gateway
	// MayCharge is asked before money of an account is moved, and refuses with an
	// *Unsound where the account's books are not known to be sound. It never waits,
	// and wakes the worker when the answer changes. It may be nil.
	MayCharge func(ctx context.Context, accountID string) error
	// Owner names this process in leases; it differs between processes.
	Owner string
}

// App is the console without its pages. It is safe for concurrent use.
type App struct {
	Deps
	// Uploads are the files that people send to be imported.
	Uploads *Uploads

	askedAll atomic.Bool // the payments that were open at the start have been asked about

	// compared is, plus one, how often the database had been unreachable when the
	// gateway's payments were last compared with the books; 0: they were not yet.
	compared    atomic.Int64
	comparing   sync.Mutex
	comparisons atomic.Int64  // that have ended, in one way or the other
	comparedErr error         // of the latest; behind comparing
	comparedAt  time.Duration // on the monotonic clock
	aging       sync.Mutex
	agedAt      int64
	booksAge    store.Age

	mu     sync.Mutex
	stamp  uint64              // milliseconds and count of the latest id
	leases map[string]sighting // what this process has seen of others' leases
	pauses map[string]pause    // jobs that failed, by task
	watch  watch

	apart    *apart
	counts   *recent[tabCounts]     // by account
	matches  *recent[int]           // by account and filter
	facets   *recent[Facets]        // by account
	horizons *recent[Horizon]       // by account and filter
	dues     *recent[[]billing.Due] // by account
}

// New makes an App.
func New(d Deps) *App {
	a := &App{
		Deps: d, leases: map[string]sighting{}, pauses: map[string]pause{}, watch: newWatch(), apart: newApart(d.Log),
		counts: newRecent[tabCounts](d.Clock, countsFor), matches: newRecent[int](d.Clock, countsFor),
		horizons: newRecent[Horizon](d.Clock, horizonFor), dues: newRecent[[]billing.Due](d.Clock, horizonFor),
	}
	a.facets = newStale[Facets](d.Clock, facetsFor, facetsStale, a.apart)
	a.Uploads = newUploads(a)
	d.Store.OnChange(a.forgetCounts)
	return a
}

// Close stops what is under way without anybody waiting for it, and lets go of the
// files that people sent.
func (a *App) Close() error {
	a.apart.close()
	return a.Uploads.Close()
}

// Actor is who does something: a signed-in user, the operator at the command
// line, or the worker.
type Actor struct {
	UserID    string
	AccountID string
	Name      string
	Email     string
	Role      account.Role
	RequestID string
}

// worker is the actor behind what happens without a person.
func worker(accountID string) Actor { return Actor{AccountID: accountID, Name: "Perennial"} }

// Operator is the actor behind the command line.
func Operator(accountID string) Actor {
	return Actor{AccountID: accountID, Name: "Operator", Role: account.Owner}
}

// newID makes a UUIDv7: ordered by the instant, and within one millisecond or
// after the clock went back by a count (RFC 9562, section 6.2), unique by chance
// over processes.
func (a *App) newID(now time.Time) string {
	a.mu.Lock()
	a.stamp = max(uint64(now.UnixMilli())<<12, a.stamp+1)
	stamp := a.stamp
	a.mu.Unlock()
	var b [16]byte
	if _, err := io.ReadFull(a.Rand, b[8:]); err != nil {
		// Without randomness no key can be promised to be unique.
		panic(fmt.Sprintf("app: read randomness: %v", err))
	}
	binary.BigEndian.PutUint64(b[:8], stamp>>12<<16|0x7000|stamp&0xfff)
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// NewKey makes an idempotency key for a form.
func (a *App) NewKey() string { return a.newID(a.Clock.Now()) }

// Ready returns an error where the database does not answer, takes no writes, or was
// migrated by a newer program. Its sentence names no file.
func (a *App) Ready(ctx context.Context) error {
	err := a.Store.Ping(ctx)
	if err == nil {
		err = a.Store.Writable(ctx)
	}
	if err == nil {
		return nil
	}
	return NotReady(err)
}

// NotReady is the fault of a server whose database cannot be used. Strangers may read
// its sentence.
func NotReady(err error) error {
	sentence := store.Sentence(err)
	if sentence == "" {
		sentence = "The database does not answer."
	}
	return fault.Wrap(err, fault.Unavailable, "%s", sentence)
}
