package mail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// Folder writes mails as .eml files, where there is no mail server. A file is
// named after the outbox entry, so that a mail that is sent again replaces itself.
type Folder struct {
	Dir  string
	From string
}

// NewFolder makes the folder, so that a start tells what otherwise every mail would.
func NewFolder(dir, from string) (Folder, error) {
	if _, err := compose(Message{To: []string{"nobody@example.com"}}, from); err != nil {
		return Folder{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Folder{}, fmt.Errorf("make the folder of mails: %w", err)
	}
	return Folder{Dir: dir, From: from}, nil
}

// Where names the folder.
func (f Folder) Where() string { return "the folder " + f.Dir }

var fileName = regexp.MustCompile(`^[0-9A-Za-z-]+$`)

// Send writes the file beside its place and then moves it there, so that nobody
// ever sees half a mail.
func (f Folder) Send(_ context.Context, m Message) []error { return all(m, f.write(m)) }

func (f Folder) write(m Message) error {
	if !fileName.MatchString(m.ID) {
		return refusal{fmt.Errorf("%q cannot be the name of a file", m.ID)}
	}
	msg, err := compose(m, f.From)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of mails: %w", err)
	}
	file, err := os.CreateTemp(f.Dir, "."+m.ID+"-*")
	if err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	_, err = msg.WriteTo(file)
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(f.Dir, m.ID+".eml"))
	}
	if err != nil {
		// What is left over is hidden and incomplete; the error says the rest.
		_ = os.Remove(file.Name())
		return fmt.Errorf("write a mail: %w", err)
	}
	return nil
}
