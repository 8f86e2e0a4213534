// Package walk visits the files below a folder, and those behind links to
// folders too: a project's protos may be links into another tree. Start from
// Files.
package walk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files calls visit for each file below root, in the order of names, with its path
// and what os.Stat says of it. Folders and files whose names begin with a dot are left out,
// and so is a link that leads back to a folder above it, or nowhere. A root that
// is a file is visited itself; one that does not exist is fs.ErrNotExist.
func Files(root string, visit func(name string, info fs.FileInfo) error) error {
	info, err := os.Stat(root)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return visit(root, info)
	}
	return folder(root, []fs.FileInfo{info}, visit)
}

// folder visits one folder; above are the folders on the way to it, and itself.
func folder(dir string, above []fs.FileInfo, visit func(string, fs.FileInfo) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name := filepath.Join(dir, e.Name())
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // deleted meanwhile, or a link to nowhere
		case err != nil:
			return err
		case !info.IsDir():
			err = visit(name, info)
		case !leadsBack(info, above):
			err = folder(name, append(above[:len(above):len(above)], info), visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func leadsBack(info fs.FileInfo, above []fs.FileInfo) bool {
	for _, a := range above {
		if os.SameFile(info, a) {
			return true
		}
	}
	return false
}
