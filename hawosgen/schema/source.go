package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hawos/hawos/hawosgen/walk"
)

// Sources are the .proto files of a project as read from its roots. Compile may
// be called once or often: it does not change them.
type Sources struct {
	// Files are sorted by path; no two have the same one.
	Files []Source

	config Config
	byPath map[string]*Source
}

// Source is the text of one file.
type Source struct {
	Path string // slash-separated, relative to Root
	Root string // as Config.Roots names it
	Text []byte

	starts []int // offset of each line
}

// Read reads all .proto files below the roots of c. Folders whose names begin
// with a dot are left out; links are followed. Left out as well are copies of the files that come with
// hawosgen: hawos/*.proto and protobuf's well-known ones.
func Read(c Config) (*Sources, Faults) {
	s := &Sources{config: c, byPath: map[string]*Source{}}
	var faults Faults
	if len(c.Roots) == 0 {
		faults = append(faults, Fault{Text: "there are no folders of .proto files", Remedy: "name at least one: protos: [protos]"})
	}
	for i, root := range c.Roots {
		if outer, ok := around(c.Roots[:i], c.Roots[i+1:], root); ok {
			faults = append(faults, Fault{
				Text:   fmt.Sprintf("the folder of .proto files %q lies in %q, which is one as well: its files would have two names", root, outer),
				Remedy: "keep one of the two",
			})
			continue
		}
		faults = append(faults, s.readRoot(root)...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	slices.SortFunc(s.Files, func(a, b Source) int { return strings.Compare(a.Path, b.Path) })
	for i := range s.Files {
		s.byPath[s.Files[i].Path] = &s.Files[i]
	}
	return s, nil
}

// around returns the root that holds, or among those before is, the given one.
func around(before, after []string, root string) (string, bool) {
	for i, other := range slices.Concat(before, after) {
		rel, err := filepath.Rel(filepath.Clean(other), filepath.Clean(root))
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			continue
		}
		if rel != "." || i < len(before) {
			return other, true
		}
	}
	return "", false
}

// readRoot adds the files below one root.
func (s *Sources) readRoot(root string) Faults {
	dir := root
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(s.config.Dir, dir)
	}
	var faults Faults
	err := walk.Files(dir, func(name string, _ fs.FileInfo) error {
		if filepath.Ext(name) != ".proto" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		faults = append(faults, s.add(Source{Path: filepath.ToSlash(rel), Root: filepath.ToSlash(root), Text: text})...)
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		faults = append(faults, Fault{Text: fmt.Sprintf("the folder of .proto files %q does not exist", root), Remedy: "make it, or name another one under protos: in hawos.yaml"})
	case err != nil:
		faults = append(faults, Fault{Text: fmt.Sprintf("read the .proto files in %q: %v", root, err)})
	}
	return faults
}

// add takes one file in, unless another root has its path already. Copies of
// what comes with hawosgen, as editors want them, are left out.
func (s *Sources) add(f Source) Faults {
	if provided(f.Path) {
		return nil
	}
	if first, ok := s.byPath[f.Path]; ok {
		return Faults{{
			Pos:    s.at(&f, 0, 0),
			Text:   fmt.Sprintf("%s is in two folders of .proto files: %q and %q", f.Path, first.Root, f.Root),
			Remedy: "delete or move one of the two: an import could mean either",
		}}
	}
	f.starts = lineStarts(f.Text)
	s.byPath[f.Path] = &f
	s.Files = append(s.Files, f)
	return nil
}

// at returns a place in f.
func (s *Sources) at(f *Source, line, col int) Pos {
	pos := Pos{File: f.Path, Line: line, Col: col}
	if s.config.Dir != "" && !filepath.IsAbs(f.Root) {
		pos.Root = f.Root
	}
	return pos
}

// line returns a line of f, from 1, without its end; empty where f has none.
func (f *Source) line(n int) string {
	if n < 1 || n > len(f.starts) {
		return ""
	}
	text := f.Text[f.starts[n-1]:]
	if n < len(f.starts) {
		text = f.Text[f.starts[n-1]:f.starts[n]]
	}
	return strings.TrimRight(string(text), "\r\n")
}

// lineStarts returns the offset of each line.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return starts
		}
		at += i + 1
		starts = append(starts, at)
	}
}
