package output

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hawos/hawos/hawosgen/walk"
)

// stampFile remembers, outside of git, the state in which a run had nothing to
// say.
const stampFile = ".hawos/proto-stamp"

// Stamp is the state of files: size and time of change of each, by the path as
// given to TakeStamp, and what wrote them under the empty path. Comparing two is
// much quicker than generating anew to find that nothing changed.
type Stamp map[string]string

// TakeStamp returns the state of the given files and folders of dir, of which
// some may be missing, as the given tool sees it. Links are followed; what begins
// with a dot is left out.
func TakeStamp(dir, tool string, paths ...string) (Stamp, error) {
	stamp := Stamp{"": tool}
	for _, name := range paths {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, filepath.FromSlash(name))
		}
		err := walk.Files(name, func(file string, info fs.FileInfo) error {
			stamp[file] = fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
			return nil
		})
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return stamp, nil
}

// text returns the stamp as it is remembered.
func (s Stamp) text() string {
	var b strings.Builder
	for _, file := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "%s %q\n", s[file], file)
	}
	return b.String()
}

// IsFresh reports whether stamp is the one that Remember has written last.
func IsFresh(dir string, stamp Stamp) bool {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(stampFile)))
	return err == nil && string(text) == stamp.text()
}

// Remember keeps the stamp for IsFresh, unless something other than the changes
// of c has happened since before was taken: what was saved while hawosgen ran must
// be read by the next run.
func (c *Changes) Remember(before, now Stamp) error {
	ours := map[string]bool{}
	for _, change := range c.List {
		ours[c.path(change.Path)] = true
	}
	for _, file := range slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(now))) {
		if before[file] != now[file] && !ours[file] {
			return nil
		}
	}
	name := filepath.Join(c.dir, filepath.FromSlash(stampFile))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(now.text()), 0o644)
}
