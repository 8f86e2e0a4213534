package memo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// CompiledDir is where a project keeps its compiled protos, outside of git. It
// may be deleted.
const CompiledDir = ".hawos/cache/compiled"

// Folder keeps pieces of data by name from run to run, for one program: another
// finds none of them. It may be used concurrently. A nil Folder keeps nothing.
type Folder struct {
	dir  string
	tool []byte

	mu    sync.Mutex
	used  map[string]bool   // the files of what was loaded
	fresh map[string][]byte // texts of files to write
}

// OpenFolder returns the folder dir, which need not be there, as the program
// called tool sees it.
func OpenFolder(dir string, tool []byte) *Folder {
	return &Folder{dir: dir, tool: tool, used: map[string]bool{}, fresh: map[string][]byte{}}
}

// Load returns what was stored by the name; nil where there is nothing, or
// something broken.
func (f *Folder) Load(name string) []byte {
	if f == nil {
		return nil
	}
	file := f.file(name)
	text, err := os.ReadFile(filepath.Join(f.dir, file))
	if err != nil || len(text) < sha256.Size {
		return nil
	}
	sum, data := text[:sha256.Size], text[sha256.Size:]
	if want := sha256.Sum256(data); !bytes.Equal(sum, want[:]) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used[file] = true
	return data
}

// Store keeps data by the name, once Save is called. The folder owns it from now
// on.
func (f *Folder) Store(name string, data []byte) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fresh[f.file(name)] = data
}

// Save writes what was stored, each file in one rename, and removes what was
// neither loaded nor stored.
func (f *Folder) Save() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.fresh) > 0 {
		if err := os.MkdirAll(f.dir, 0o755); err != nil {
			return err
		}
	}
	var errs []error
	for file, data := range f.fresh {
		sum := sha256.Sum256(data)
		errs = append(errs, replace(filepath.Join(f.dir, file), sum[:], data))
	}
	return errors.Join(append(errs, f.sweep())...)
}

// sweep removes the files of earlier runs that this one did not use.
func (f *Folder) sweep() error {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, e := range entries {
		if _, stored := f.fresh[e.Name()]; stored || f.used[e.Name()] || isBeingWritten(e) {
			continue
		}
		if err := os.Remove(filepath.Join(f.dir, e.Name())); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// isBeingWritten reports whether a file is one that another run may be about to
// rename; one that is old was left by a run that was killed.
func isBeingWritten(e fs.DirEntry) bool {
	info, err := e.Info()
	return err == nil && strings.HasPrefix(e.Name(), temporary) && time.Since(info.ModTime()) < time.Hour
}

// file returns the name of the file that keeps what is stored by the name.
func (f *Folder) file(name string) string {
	return Key(f.tool, []byte(name))[:hex.EncodedLen(sha256.Size)/2]
}

// temporary begins the names of files that are being written.
const temporary = ".new-"

// replace writes a file in one rename.
func replace(name string, parts ...[]byte) error {
	temp, err := os.CreateTemp(filepath.Dir(name), temporary+"*")
	if err != nil {
		return err
	}
	_, err = temp.Write(bytes.Join(parts, nil))
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}
