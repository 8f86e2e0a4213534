package output

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// stampFile remembers, outside of git, the state in which a run had nothing to
// say.
const stampFile = ".hawos/proto-stamp"

// Stamp returns a text that changes whenever a file changes in the given files
// and folders of dir, by size or time, or hawosgen itself does. It is much
// quicker than generating anew to find that nothing changed.
func Stamp(dir string, paths ...string) (string, error) {
	sum := sha256.New()
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	for _, name := range append([]string{self}, paths...) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, filepath.FromSlash(name))
		}
		err := filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && file == name {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil {
				fmt.Fprintf(sum, "%q %d %d\n", file, info.Size(), info.ModTime().UnixNano())
			}
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// IsFresh reports whether stamp is the one that Remember has written last.
func IsFresh(dir, stamp string) bool {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(stampFile)))
	return err == nil && string(text) == stamp+"\n"
}

// Remember keeps the stamp for IsFresh.
func Remember(dir, stamp string) error {
	name := filepath.Join(dir, filepath.FromSlash(stampFile))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(stamp+"\n"), 0o644)
}
