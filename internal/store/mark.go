package store

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"perennial/internal/fault"
)

// Mark says how far the money of an account had come when it was written: how many
// records the books held, and the newest. It is kept outside of the database, so
// that books which were set back (a restored backup, a lost log) are noticed.
type Mark struct {
	Installation string
	AccountID    string
	Records      int64
	Newest       string // the id of the newest record
}

func (m Mark) line() string {
	text := strings.Join([]string{m.Installation, strconv.Quote(m.AccountID), strconv.FormatInt(m.Records, 10), m.Newest}, " ")
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%s %x\n", text, sum[:6])
}

func parseMark(line string) (m Mark, ok bool) {
	quoted, err := strconv.QuotedPrefix(line[strings.IndexByte(line, ' ')+1:])
	if err != nil {
		return m, false
	}
	m.Installation, line, _ = strings.Cut(line, " ")
	if m.AccountID, err = strconv.Unquote(quoted); err != nil {
		return m, false
	}
	f := strings.Fields(strings.TrimPrefix(line, quoted))
	if len(f) != 3 {
		return m, false
	}
	m.Records, err = strconv.ParseInt(f[0], 10, 64)
	m.Newest = f[1]
	return m, err == nil && m.line() == m.Installation+" "+quoted+" "+strings.Join(f, " ")+"\n"
}

// longestMarks is how long the file of marks may grow before it is written anew.
const longestMarks = 4 << 20

// marks is the file of marks. Each commit that moves money appends a line. It is in
// the operating system's hands before the commit is acknowledged, and on the disk
// before the next one is: a lost machine loses one step at most.
type marks struct {
	path string

	mu     sync.Mutex
	file   *os.File
	size   int64
	latest map[owner]Mark
	synced chan struct{} // closed when all that was written is on the disk
	failed error
}

// owner is an account of an installation.
type owner struct{ installation, accountID string }

func (m Mark) owner() owner { return owner{m.Installation, m.AccountID} }

// openMarks reads the marks at path, which need not exist. A line that a crash cut
// off is skipped.
func openMarks(path string) (*marks, error) {
	m := &marks{path: path, latest: map[owner]Mark{}, synced: make(chan struct{})}
	close(m.synced)
	var err error
	if m.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The file %s cannot be opened. Perennial keeps in it how far its records have come.", path)
	}
	lines := bufio.NewReader(m.file)
	for {
		line, err := lines.ReadString('\n')
		m.size += int64(len(line))
		if one, ok := parseMark(strings.TrimSuffix(line, "\n")); ok {
			m.raise(one)
		}
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), m.file.Close())
		}
	}
}

// raise takes a mark that is ahead of the one before it, and reports whether it is.
// One that is behind was written by books that had been set back: it must not hide
// how far they had come.
func (m *marks) raise(one Mark) bool {
	if before, ok := m.latest[one.owner()]; ok && before.Records >= one.Records {
		return false
	}
	m.latest[one.owner()] = one
	return true
}

// write appends marks. It waits until the ones before are on the disk, and does not
// wait for its own.
func (m *marks) write(all []Mark) error {
	if len(all) == 0 {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	<-m.synced
	if m.failed != nil {
		return m.failed
	}
	var text strings.Builder
	for _, one := range all {
		if m.raise(one) {
			text.WriteString(one.line())
		}
	}
	if m.size > longestMarks {
		m.failed = m.replace()
		return m.failed
	}
	n, err := m.file.WriteString(text.String())
	m.size += int64(n)
	if err != nil {
		return fmt.Errorf("write %s: %w", m.path, err)
	}
	synced, file := make(chan struct{}), m.file
	m.synced = synced
	go func() {
		defer close(synced)
		if err := file.Sync(); err != nil {
			m.failed = fmt.Errorf("write %s: %w", m.path, err) // read after synced is closed
		}
	}()
	return nil
}

// replace writes the newest mark of each account to a new file, which takes the
// place of the old one.
func (m *marks) replace() error {
	next, err := os.OpenFile(m.path+".new", os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("replace %s: %w", m.path, err)
	}
	m.size = 0
	w := bufio.NewWriter(next)
	for _, one := range m.latest {
		n, _ := w.WriteString(one.line()) // Flush returns its error
		m.size += int64(n)
	}
	if err := errors.Join(w.Flush(), next.Sync(), os.Rename(m.path+".new", m.path), syncFolder(m.path)); err != nil {
		return errors.Join(fmt.Errorf("replace %s: %w", m.path, err), next.Close())
	}
	old := m.file
	m.file = next
	return old.Close()
}

func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// all returns the newest marks, and the error that ended the writing of marks.
func (m *marks) all() ([]Mark, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	<-m.synced
	return slices.Collect(maps.Values(m.latest)), m.failed
}

// accept puts marks in the place of all that there are.
func (m *marks) accept(all []Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	<-m.synced
	clear(m.latest)
	for _, one := range all {
		m.latest[one.owner()] = one
	}
	m.failed = m.replace()
	return m.failed
}

func (m *marks) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	<-m.synced
	return errors.Join(m.failed, m.file.Close())
}

// StateDir keeps the marks of a PostgreSQL database in a folder of this server. For
// a SQLite file they stand beside it.
func StateDir(dir string) Option { return func(o *options) { o.stateDir = dir } }

// marksPath is where the marks of this database are kept, or empty.
func (db *DB) marksPath(o options) string {
	switch {
	case db.dialect.file != "":
		return resolved(db.dialect.file) + ".mark"
	case o.stateDir != "":
		return filepath.Join(o.stateDir, "perennial.mark")
	}
	return ""
}

// countRecord counts a transaction that moves money of an account, names its newest
// record, and has the mark of the account written once it is committed.
func (tx *Tx) countRecord(accountID, id string) error {
	query := "UPDATE wallet SET newest_record = $1 WHERE account_id = $2"
	if !tx.moved[accountID] {
		query = "UPDATE wallet SET newest_record = $1, records = records + 1 WHERE account_id = $2"
	}
	if _, err := tx.exec(query, id, accountID); err != nil {
		return err
	}
	if tx.moved == nil {
		tx.moved = map[string]bool{}
	}
	tx.moved[accountID] = true
	return nil
}

// marks reads the marks that follow from a transaction that is about to be committed.
func (tx *Tx) marks() ([]Mark, error) {
	if len(tx.moved) == 0 {
		return nil, nil
	}
	installation, err := tx.KeepInstallation()
	if err != nil {
		return nil, err
	}
	all := make([]Mark, 0, len(tx.moved))
	for accountID := range tx.moved {
		m := Mark{Installation: installation, AccountID: accountID}
		if err := tx.one("SELECT records, newest_record FROM wallet WHERE account_id = $1", []any{accountID}, &m.Records, &m.Newest); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// Installation is the identity of these books, which no others have. Books in which no
// money has moved yet have none.
func (tx *Tx) Installation() (string, error) {
	id, err := tx.Setting(installation)
	if IsNone(err) {
		return "", nil
	}
	return id, err
}

// KeepInstallation is Installation for a transaction that moves money.
func (tx *Tx) KeepInstallation() (string, error) {
	id, err := tx.Installation()
	if err == nil && id == "" {
		id, err = tx.KeepSetting(installation, rand.Text())
	}
	return id, err
}

const installation = "installation"

// Setback is a mark that is ahead of the books.
type Setback struct {
	Mark
	Held  int64 // how many records the books hold
	Other bool  // the mark belongs to another installation than the books
}

// Age is how the books compare with the marks outside of them.
type Age struct {
	Known    bool // there were marks of these books, or there is nothing to be marked
	Setbacks []Setback
}

// Older reports whether the books lack records that they have held.
func (a Age) Older() bool { return len(a.Setbacks) > 0 }

// Other reports whether there are marks of another installation, of which these
// books know nothing.
func (a Age) Other() bool {
	return slices.ContainsFunc(a.Setbacks, func(s Setback) bool { return s.Other })
}

// Age compares the books with the marks. A mark that is one commit ahead is no
// setback: nobody may have heard of the newest commit.
func (db *DB) Age(ctx context.Context) (a Age, err error) {
	var marked []Mark
	if db.marks != nil {
		if marked, err = db.marks.all(); err != nil {
			return a, err
		}
	}
	err = db.Read(ctx, func(tx *Tx) error {
		a = Age{}
		installation, err := tx.Installation()
		if err != nil {
			return err
		}
		var records int64
		if err := tx.one("SELECT CAST(COALESCE(SUM(records), 0) AS BIGINT) FROM wallet", nil, &records); err != nil {
			return err
		}
		a.Known = len(marked) > 0 || records == 0 && db.marks != nil
		for _, m := range marked {
			if m.Installation != installation {
				a.Setbacks = append(a.Setbacks, Setback{Mark: m, Other: true})
				continue
			}
			held, newest, err := tx.holds(m)
			if err != nil {
				return err
			}
			if held+1 < m.Records || held >= m.Records && !newest {
				a.Setbacks = append(a.Setbacks, Setback{Mark: m, Held: held})
			}
		}
		return nil
	})
	return a, err
}

// holds counts the records of an account, and reports whether the newest of a mark
// is among them.
func (tx *Tx) holds(m Mark) (records int64, newest bool, err error) {
	if err := tx.one("SELECT records FROM wallet WHERE account_id = $1", []any{m.AccountID}, &records); IsNone(err) {
		return 0, false, nil
	} else if err != nil {
		return 0, false, err
	}
	var n int
	err = tx.one(`SELECT (SELECT COUNT(*) FROM ledger_transaction WHERE account_id = $1 AND id = $2)
		+ (SELECT COUNT(*) FROM payment WHERE account_id = $1 AND id = $2)`, []any{m.AccountID, m.Newest}, &n)
	return records, n > 0, err
}

// AcceptAge writes the marks anew from the books as they are.
func (db *DB) AcceptAge(ctx context.Context) error {
	if db.marks == nil {
		return nil
	}
	var all []Mark
	err := db.Read(ctx, func(tx *Tx) error {
		installation, err := tx.Installation()
		if err != nil {
			return err
		}
		all, err = list(tx, "SELECT account_id, records, newest_record FROM wallet WHERE records > 0", nil, func(r row) (Mark, error) {
			m := Mark{Installation: installation}
			err := r.Scan(&m.AccountID, &m.Records, &m.Newest)
			return m, err
		})
		return err
	})
	if err != nil {
		return err
	}
	return db.marks.accept(all)
}
