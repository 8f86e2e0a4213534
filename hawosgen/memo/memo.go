// Package memo remembers from what each generated file was made, so that a run
// makes anew only what something else stands behind. It keeps no texts: those are
// the files themselves, which count only while their hash is the one remembered.
// Start from Open.
package memo

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// File is where a project keeps its memo, outside of git. It may be deleted.
const File = ".hawos/cache/generated"

// Memo is what is known of a project's generated files. It may be used
// concurrently. The zero value knows and keeps nothing.
type Memo struct {
	dir  string
	mu   sync.Mutex
	old  map[string]entry // by path
	next map[string]entry
}

// entry is one file: what it was made from, and its text's hash.
type entry struct{ key, sum string }

// Open reads the memo of the project in dir. One that is missing or broken knows
// nothing.
func Open(dir string) *Memo {
	m := &Memo{dir: dir, old: map[string]entry{}, next: map[string]entry{}}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(File)))
	if err != nil {
		return m
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var e entry
		var path string
		if n, err := fmt.Sscanf(lines.Text(), "%64s %64s %q", &e.key, &e.sum, &path); err == nil && n == 3 {
			m.old[path] = e
		}
	}
	return m
}

// Text returns the file's text, if it was made from what key stands for and is
// as it was made.
func (m *Memo) Text(path, key string) ([]byte, bool) {
	m.mu.Lock()
	e, known := m.old[path]
	m.mu.Unlock()
	if !known || e.key != key {
		return nil, false
	}
	text, err := os.ReadFile(filepath.Join(m.dir, filepath.FromSlash(path)))
	if err != nil || sum(text) != e.sum {
		return nil, false
	}
	m.keep(path, e)
	return text, true
}

// Put remembers that the file's text was made from what key stands for.
func (m *Memo) Put(path, key string, text []byte) {
	if m.dir != "" {
		m.keep(path, entry{key: key, sum: sum(text)})
	}
}

// Do returns the file's text: the one that is there, else what print makes.
func (m *Memo) Do(path, key string, print func() ([]byte, error)) ([]byte, error) {
	if text, ok := m.Text(path, key); ok {
		return text, nil
	}
	text, err := print()
	if err == nil {
		m.Put(path, key, text)
	}
	return text, err
}

func (m *Memo) keep(path string, e entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next[path] = e
}

// Save writes what Text and Put were called for, in one rename; the rest is
// forgotten.
func (m *Memo) Save() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dir == "" || maps.Equal(m.old, m.next) {
		return nil
	}
	var b bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(m.next)) {
		fmt.Fprintf(&b, "%s %s %q\n", m.next[path].key, m.next[path].sum, path)
	}
	name := filepath.Join(m.dir, filepath.FromSlash(File))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return replace(name, b.Bytes())
}

// Key returns a key that stands for the parts, in their order.
func Key(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		write(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// write hashes p so that no other division into parts has the same hash.
func write(h hash.Hash, p []byte) {
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
	h.Write(n[:])
	h.Write(p)
}

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}
