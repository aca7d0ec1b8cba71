package inventory_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"perennial/internal/inventory"
)

// endless is a file of so many rows that is made while it is read. Every row has
// the same width, so that any part of it can be read for itself.
type endless struct {
	rows  int
	width int64
}

func newEndless(rows int) *endless { return &endless{rows, int64(len(endlessRow(0)))} }

// endlessRow makes every fourth row the child of the one before.
func endlessRow(n int) string {
	if n%4 == 3 {
		return child(fmt.Sprintf("evs-%08d", n), fmt.Sprintf("ecs-%08d", n-1)) + "\n"
	}
	return line("resource_id", fmt.Sprintf("ecs-%08d", n), "resource_name", "twenty characters ok", "order_id", "CS123") + "\n"
}

func (e *endless) size() int64 { return int64(len(header)) + 1 + int64(e.rows)*e.width }

func (e *endless) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) && off < e.size() {
		text, from := header+"\n", off
		if skip := off - int64(len(text)); skip >= 0 {
			row := int(skip / e.width)
			text, from = endlessRow(row), skip%e.width
		}
		k := copy(p[n:], text[from:])
		n += k
		off += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// allocated is all that was ever taken, also what is free again.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// A file may be larger than the memory. What is kept of it is an index of at most
// 64 bytes a row, and what is read of it is gone with the next row.
func TestALargeFileNeedsLittleMemory(t *testing.T) {
	const rows = 60_000
	in := newEndless(rows)
	if len(endlessRow(3)) != int(in.width) {
		t.Fatalf("rows are %d and %d wide", len(endlessRow(3)), in.width)
	}
	before := heap()
	f, report, err := inventory.Check(t.Context(), in, in.size())
	if err != nil || !report.Clean() || report.Rows != rows {
		t.Fatal(err, report)
	}
	most, seen := heap(), 0
	for batch, err := range f.Batches(2000) {
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range batch {
			seen += len(u.Rows)
		}
		if seen > rows-4000 || seen < 4000 {
			most = max(most, heap())
		}
	}
	if seen != rows {
		t.Errorf("%d rows in units, want %d", seen, rows)
	}
	// The allowance beside the index is for one batch and the buffers.
	const allowance = 8 << 20
	if grown := int64(most) - int64(before); grown > rows*64+allowance {
		t.Errorf("%d rows of %d bytes take %d bytes", rows, in.size(), grown)
	}
	runtime.KeepAlive(f)
}

// A line without an end is passed over, not kept.
func TestAnEndlessLineNeedsLittleMemory(t *testing.T) {
	before := allocated()
	r := inventory.NewInstanceReader(io.LimitReader(zeros{}, 200<<20))
	_, refused, err := r.Next()
	if err != nil || len(refused) != 1 {
		t.Fatal(refused, err)
	}
	if _, _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if taken := allocated() - before; taken > 4<<20 {
		t.Errorf("a line of 200 MiB takes %d bytes", taken)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func BenchmarkCheck(b *testing.B) {
	const rows = 100_000
	in := newEndless(rows)
	text := make([]byte, in.size())
	if _, err := in.ReadAt(text, 0); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(in.size())
	for b.Loop() {
		f, _, err := inventory.Check(b.Context(), bytes.NewReader(text), in.size())
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range f.Units() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
