package earlier

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/hawos/hawos/hawosgen/project"
)

// openCommit reads the protos of a commit into a folder of their own. It asks
// git for the bytes that are stored: no checkout, no filters, no attributes.
func openCommit(ctx context.Context, p *project.Project, ref string) (_ *Project, err error) {
	g := git{dir: p.Dir}
	out, err := g.run(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("--against %s: is neither a folder nor a commit, branch or tag of this repository: %w", ref, err)
	}
	commit := strings.TrimSpace(string(out))
	temp, err := os.MkdirTemp("", "hawosgen-earlier-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	if err := g.extract(ctx, commit, temp, project.File); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(temp, project.File)); err != nil {
		return nil, fmt.Errorf("--against %s: there is no %s in that commit", ref, project.File)
	}
	was, err := project.Load(temp)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	if err := g.extract(ctx, commit, temp, was.Protos...); err != nil {
		return nil, err
	}
	for _, root := range was.Protos { // git keeps no empty folders
		if err := os.MkdirAll(filepath.Join(temp, filepath.FromSlash(root)), 0o755); err != nil {
			return nil, err
		}
	}
	return &Project{Config: config(temp, was), prefix: ref + ":", temp: temp}, nil
}

// git runs git in a folder.
type git struct{ dir string }

func (g git) run(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	var errs bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stdin, cmd.Stderr = g.dir, in, &errs
	out, err := cmd.Output()
	if err != nil && errs.Len() > 0 {
		err = fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(errs.String()))
	}
	return out, err
}

// entry is a file in a commit.
type entry struct {
	link bool
	blob string
	path string // slash-separated, relative to git's folder
}

// extract writes the .proto files, and the file of that name, below the given
// paths of a commit into a folder.
func (g git) extract(ctx context.Context, commit, to string, paths ...string) error {
	args := []string{"ls-tree", "-r", "-z", commit, "--"}
	for _, p := range paths {
		args = append(args, path.Clean(filepath.ToSlash(p)))
	}
	out, err := g.run(ctx, nil, args...)
	if err != nil {
		return err
	}
	var files []entry
	for line := range strings.SplitSeq(string(out), "\x00") {
		meta, name, ok := strings.Cut(line, "\t")
		words := strings.Fields(meta) // mode, type, object
		if !ok || len(words) != 3 || words[1] != "blob" || path.Ext(name) != ".proto" && name != project.File {
			continue
		}
		files = append(files, entry{link: words[0] == "120000", blob: words[2], path: name})
	}
	return g.write(ctx, to, files)
}

// write writes files of a commit into a folder.
func (g git) write(ctx context.Context, to string, files []entry) error {
	var ask strings.Builder
	for _, f := range files {
		ask.WriteString(f.blob + "\n")
	}
	out, err := g.run(ctx, strings.NewReader(ask.String()), "cat-file", "--batch")
	if err != nil {
		return err
	}
	r := bufio.NewReader(bytes.NewReader(out))
	for _, f := range files {
		text, err := nextBlob(r)
		if err != nil {
			return fmt.Errorf("read %s from git: %w", f.path, err)
		}
		if err := f.write(to, text); err != nil {
			return err
		}
	}
	return nil
}

// nextBlob reads one answer of git cat-file --batch.
func nextBlob(r *bufio.Reader) ([]byte, error) {
	head, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	var id, kind string
	var size int
	if _, err := fmt.Sscanf(head, "%s %s %d", &id, &kind, &size); err != nil {
		return nil, fmt.Errorf("%s", strings.TrimSpace(head))
	}
	text := make([]byte, size+1) // and a newline
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, err
	}
	return text[:size], nil
}

// write writes the file, or the link where it stays in the folder.
func (f entry) write(to string, text []byte) error {
	name := filepath.Join(to, filepath.FromSlash(f.path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if !f.link {
		return os.WriteFile(name, text, 0o644)
	}
	if target := path.Join(path.Dir(f.path), string(text)); filepath.IsLocal(filepath.FromSlash(target)) {
		return os.Symlink(string(text), name)
	}
	return fmt.Errorf("%s: is a link to a file that the commit does not have", f.path)
}
