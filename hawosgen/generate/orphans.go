package generate

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/schema/lock"
)

// checkOrphans notes the folders of user's code that serve what the schema had at
// the last run and has no more.
func (g *run) checkOrphans() {
	var told []string
	for _, c := range g.result.IDs {
		old := service(c.Old.Name)
		if c.Old.Kind != lock.RPC || c.Kind != lock.Retired && c.Kind != lock.Replaced || g.hasService(old) || slices.Contains(told, old) {
			continue
		}
		told = append(told, old)
		for _, kind := range []string{"internal", "cmd"} {
			for _, dir := range g.foldersOf(kind) {
				name := method(old)
				if g.mentions(dir, "."+name+"Handler", ".Register"+name+"(") {
					g.note(dir, "serves %s, which the schema has no more: it stays until you delete it", old)
				}
			}
		}
	}
}

// foldersOf returns the folders of a kind that belong to no app of the schema.
func (g *run) foldersOf(kind string) []string {
	entries, err := os.ReadDir(g.project.Path(kind))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		isApp := slices.ContainsFunc(g.result.Model.Apps, func(a *model.App) bool { return a.Name == e.Name() })
		if e.IsDir() && !isApp {
			out = append(out, path.Join(kind, e.Name()))
		}
	}
	return out
}

// mentions reports whether a Go file in the folder has one of the texts.
func (g *run) mentions(dir string, texts ...string) bool {
	files, err := filepath.Glob(filepath.Join(g.project.Path(dir), "*.go"))
	if err != nil {
		return false
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err == nil && slices.ContainsFunc(texts, func(s string) bool { return bytes.Contains(text, []byte(s)) }) {
			return true
		}
	}
	return false
}
