package generate_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
)

const stories = "../testdata/stories"

// TestStories plays each story in ../testdata/stories, an archive each. A project
// is generated with the files in before/; the user lays user/ over it and deletes
// what "user.remove" names; the schema changes by after/ and "after.remove"; then
// the project is generated again, with the IDs in "accept". What that writes
// outside of gen/ must be as in want/, what it reports as in "report".
//
// The words CRLF and "no newline" in a story's first lines change the user's files.
func TestStories(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(stories, "*.txtar"))
	if err != nil || len(archives) < 60 {
		t.Errorf("%d stories (%v), want 60 and more", len(archives), err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			tellStory(t, name)
		})
	}
}

func tellStory(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &story{dir: t.TempDir(), comment: string(a.Comment), in: map[string]string{}}
	for _, f := range a.Files {
		s.in[f.Name] = string(f.Data)
	}
	writeFile(t, filepath.Join(s.dir, "hawos.yaml"), []byte("module: example.com/demo\n"))
	s.lay(t, "before")
	if report, _ := s.run(t); strings.HasPrefix(report, "error") {
		t.Fatal(report)
	}
	s.lay(t, "user")
	s.lay(t, "after")
	was := readTree(t, s.dir)
	s.accept = ids(t, s.in["accept"])
	report, failed := s.run(t)
	now := readTree(t, s.dir)
	got := map[string]string{"report": report}
	for _, file := range allKeys(was, now) {
		if text, ok := now[file]; ok && !bytes.Equal(was[file], text) && !strings.HasPrefix(file, "gen/") {
			got["want/"+file] = s.plain(t, file, string(text))
		}
		if _, ok := now[file]; !ok && !strings.HasPrefix(file, "gen/") {
			t.Errorf("%s: is gone, and is the user's", file)
		}
	}
	if !failed {
		s.settled(t, now)
	}
	compareStory(t, name, a, got)
}

// story is one archive being played.
type story struct {
	dir, comment string
	in           map[string]string
	accept       []uint32
}

// lay writes the files of a chapter, and deletes those that it removes.
func (s *story) lay(t *testing.T, chapter string) {
	t.Helper()
	for _, name := range strings.Fields(s.in[chapter+".remove"]) {
		if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range s.in {
		rel, ok := strings.CutPrefix(file, chapter+"/")
		if !ok {
			continue
		}
		if chapter == "user" && strings.Contains(s.comment, "CRLF") {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		if chapter == "user" && strings.Contains(s.comment, "no newline") {
			text = strings.TrimSuffix(text, "\n")
		}
		writeFile(t, filepath.Join(s.dir, rel), []byte(text))
	}
}

// plain returns a file's text as it stands in an archive.
func (s *story) plain(t *testing.T, file, text string) string {
	t.Helper()
	if _, users := s.in["user/"+file]; !users {
		return text
	}
	if strings.Contains(s.comment, "CRLF") {
		if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
			t.Errorf("%s: lines end in \\n and \\r\\n", file)
		}
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	if strings.Contains(s.comment, "no newline") {
		if strings.HasSuffix(text, "\n") {
			t.Errorf("%s: ends in a line break, which the user's did not", file)
		}
		text += "\n"
	}
	return text
}

// run generates the project and returns its report.
func (s *story) run(t *testing.T) (report string, failed bool) {
	t.Helper()
	p, err := project.Load(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	res, err := generate.Run(t.Context(), p, generate.Options{Accept: s.accept})
	if err != nil {
		return "error: " + plainError(err) + "\n", true
	}
	if err := res.Changes.Write(); err != nil {
		t.Fatal(err)
	}
	return reportOf(res), false
}

func plainError(err error) string {
	if faults, ok := err.(schema.Faults); ok {
		return strings.TrimSuffix(faults.Format(), "\n")
	}
	return err.Error()
}

// reportOf returns what a user is told, a line each.
func reportOf(res *generate.Result) string {
	var b strings.Builder
	for _, c := range res.Changes.List {
		fmt.Fprintf(&b, "%s %s", c.Did, c.Path)
		if c.Edited {
			fmt.Fprintf(&b, " (edited by hand; copy in %s)", output.EditedCopy(c.Path))
		}
		b.WriteByte('\n')
	}
	for _, c := range res.IDs {
		fmt.Fprintln(&b, c)
	}
	for _, n := range res.Notes {
		fmt.Fprintln(&b, n)
	}
	return b.String()
}

// settled wants that another run writes nothing, and that what is in gen/ is what
// comes out in an empty folder.
func (s *story) settled(t *testing.T, now map[string][]byte) {
	t.Helper()
	s.accept = nil
	if res := run(t, s.dir); !res.Changes.IsEmpty() {
		t.Errorf("another run writes:\n%s", reportOf(res))
	}
	fresh := t.TempDir()
	for name, text := range now {
		if name == "hawos.yaml" || name == "hawos.lock" || strings.HasPrefix(name, "protos/") {
			writeFile(t, filepath.Join(fresh, name), text)
		}
	}
	generateAll(t, fresh)
	want := readTree(t, fresh)
	for _, name := range allKeys(want, now) {
		_, isGiven := s.in["user/"+name]
		if strings.HasPrefix(name, "gen/") && !isGiven && !bytes.Equal(want[name], now[name]) {
			t.Errorf("%s: is not what an empty folder gets", name)
		}
	}
}

func ids(t *testing.T, text string) []uint32 {
	t.Helper()
	var out []uint32
	for _, word := range strings.Fields(text) {
		id, err := strconv.ParseUint(word, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, uint32(id))
	}
	return out
}

// compareStory holds what came out against the archive, or writes it there.
func compareStory(t *testing.T, name string, a *txtar.Archive, got map[string]string) {
	t.Helper()
	isOutcome := func(file string) bool { return file == "report" || strings.HasPrefix(file, "want/") }
	if *update {
		a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return isOutcome(f.Name) })
		for _, file := range sortedKeys(got) {
			a.Files = append(a.Files, txtar.File{Name: file, Data: []byte(got[file])})
		}
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, f := range a.Files {
		if text, ok := got[f.Name]; isOutcome(f.Name) && (!ok || text != string(f.Data)) {
			t.Errorf("%s: got\n%s\nwant\n%s", f.Name, text, f.Data)
		}
		delete(got, f.Name)
	}
	for _, file := range sortedKeys(got) {
		t.Errorf("%s: came out and is not wanted:\n%s", file, got[file])
	}
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
