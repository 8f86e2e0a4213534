package dev

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hawos/hawos/hawosgen/project"
)

// Sources returns a text that changes whenever a file does that the project's services are made of: Go files, go.mod,
// hawos.yaml, and all that is in cmd, internal and config, such as pages that Go embeds. Files elsewhere that Go embeds,
// folders whose names begin with a dot, bin and node_modules are left out. It looks at names, sizes and times alone.
func Sources(root string) string {
	var b strings.Builder
	// What is missing or unreadable is the compiler's to report.
	_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(root, name)
		if err != nil || relErr != nil || rel == "." {
			return nil
		}
		if entry.IsDir() {
			if strings.HasPrefix(entry.Name(), ".") || rel == "bin" || entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if !isSource(filepath.ToSlash(rel)) {
			return nil
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			fmt.Fprintln(&b, rel, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return b.String()
}

// isSource reports whether a change of the file, whose path begins at the project's root, may change a service.
// Editors' drafts and backups do not.
func isSource(path string) bool {
	base := path[strings.LastIndexByte(path, '/')+1:]
	if strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") {
		return false
	}
	top, _, below := strings.Cut(path, "/")
	switch {
	case strings.HasSuffix(base, "_test.go"):
		return false
	case strings.HasSuffix(base, ".go"):
		return true
	case below:
		return top == "cmd" || top == "internal" || top == "config"
	default:
		return base == "go.mod" || base == "go.sum" || base == "go.work" || base == project.File
	}
}
