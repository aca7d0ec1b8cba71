package store

import (
	"bufio"
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
	m.failed = m.rewrite()
	return m.failed
}

// rewrite writes the newest mark of each account into the same file: a server that has
// it open goes on behind them. A crash in the middle leaves too few marks, and too few
// have charging wait for the gateway.
func (m *marks) rewrite() error {
	var text strings.Builder
	for _, one := range m.latest {
		text.WriteString(one.line())
	}
	err := m.file.Truncate(0)
	if err == nil {
		_, err = m.file.WriteString(text.String())
	}
	if err == nil {
		err = m.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("rewrite %s: %w", m.path, err)
	}
	m.size = int64(text.Len())
	return nil
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
