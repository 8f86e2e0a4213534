package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Import is a folder whose files may be imported but are not the project's: no code
// is generated for them.
type Import struct {
	// Name is what faults call it.
	Name string
	// Dir is the folder, absolute, that paths of imports begin below.
	Dir string
	// Go is the Go import path below which the code of files without a go_package
	// is, by their folders. Empty: such files cannot be used.
	Go string
}

// third returns the text of a file in a folder of imports, and the folder; an
// error that is fs.ErrNotExist where none has it.
func (s *Sources) third(name string) ([]byte, Import, error) {
	if !fs.ValidPath(name) {
		return nil, Import{}, fmt.Errorf("%q: %w", name, fs.ErrNotExist)
	}
	for _, in := range s.config.Imports {
		text, err := os.ReadFile(filepath.Join(in.Dir, filepath.FromSlash(name)))
		if !errors.Is(err, fs.ErrNotExist) {
			return text, in, err
		}
	}
	return nil, Import{}, fmt.Errorf("%q: %w", name, fs.ErrNotExist)
}

// isThird reports whether a folder of imports has the file.
func (s *Sources) isThird(name string) bool {
	_, _, err := s.third(name)
	return err == nil
}

// thirdPackage returns the Go package of a file that is not the project's: the
// one that its authors publish, else the one below its folder's Import.Go.
func (c *checker) thirdPackage(f *File) GoPackage {
	if f.Proto.GetOptions().GetGoPackage() == "" {
		if _, in, err := c.src.third(f.Path); err == nil && in.Go != "" {
			dir := path.Dir(f.Path)
			return GoPackage{ImportPath: path.Join(in.Go, dir), Name: packageName(path.Join(path.Base(in.Go), dir))}
		}
	}
	return foreignPackage(f)
}
