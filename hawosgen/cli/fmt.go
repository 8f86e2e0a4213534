package cli

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/protofmt"
	"github.com/hawos/hawos/hawosgen/schema"
)

func newFmtCommand() *cobra.Command {
	var check, diff bool
	cmd := &cobra.Command{
		Use:   "fmt [FILE...]",
		Short: "Print the protos in one form",
		Long: `fmt prints the project's .proto files, or the given ones, in one form: two blanks
a level, a statement a line, one blank line at most. Words and comments stay as
they are and where they are; before a file is written, it is checked that it
means what it did. Files that are in the form are not touched.

Exit status: 0, or 1 where a file does not parse, and with --check also where
one is not in the form.`,
		Example: `  hawosgen fmt
  hawosgen fmt protos/chat/v1/chat.proto
  hawosgen fmt --diff             # show what would change, write nothing
  hawosgen fmt --check            # exit 1 unless all are in the form, as in CI`,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			f := formatter{project: p, check: check, diff: diff, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
			if f.only, err = f.chosen(workingDir(cmd), args); err != nil {
				return err
			}
			return f.run()
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing, and fail unless all files are in the form")
	cmd.Flags().BoolVar(&diff, "diff", false, "write nothing, and print what would change")
	return cmd
}

// formatter is one call of hawosgen fmt.
type formatter struct {
	project     *project.Project
	only        []string // slash-separated, in the project's folder; none: all
	check, diff bool
	out, errs   io.Writer
}

// chosen returns the given files as paths in the project's folder.
func (f *formatter) chosen(dir string, args []string) ([]string, error) {
	var out []string
	for _, name := range args {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		abs, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		rel, err := filepath.Rel(f.project.Dir, abs)
		if err != nil {
			return nil, err
		}
		out = append(out, filepath.ToSlash(rel))
	}
	return out, nil
}

func (f *formatter) run() error {
	config, err := generate.Config(f.project)
	if err != nil {
		return err
	}
	src, faults := schema.Read(config)
	if len(faults) > 0 {
		return f.fail(faults)
	}
	files, faults, err := f.formatted(src)
	if err != nil {
		return err
	}
	changes, err := output.Edits(f.project.Dir, files)
	if err != nil {
		return err
	}
	if !f.check && !f.diff {
		if err := changes.Write(); err != nil {
			return err
		}
	}
	f.report(changes)
	if len(faults) > 0 {
		return f.fail(faults)
	}
	if f.check && !changes.IsEmpty() {
		fmt.Fprintf(f.errs, "%s not in the form: run hawosgen fmt\n", count(len(changes.List), "file"))
		return errPrinted
	}
	return nil
}

// formatted returns the files whose form differs from their text.
func (f *formatter) formatted(src *schema.Sources) ([]output.File, schema.Faults, error) {
	var out []output.File
	var faults schema.Faults
	seen := map[string]bool{}
	for _, s := range src.Files {
		name := path.Join(s.Root, s.Path)
		seen[name] = true
		if len(f.only) > 0 && !slices.Contains(f.only, name) {
			continue
		}
		text, wrong, err := protofmt.File(src, s.Path)
		if err != nil {
			return nil, nil, err
		}
		faults = append(faults, wrong...)
		if len(wrong) == 0 && !bytes.Equal(text, s.Text) {
			out = append(out, output.File{Path: name, Text: text})
		}
	}
	for _, name := range f.only {
		if !seen[name] {
			return nil, nil, fmt.Errorf("%s: is no .proto file of the project", name)
		}
	}
	return out, faults, nil
}

func (f *formatter) report(changes *output.Changes) {
	for _, c := range changes.List {
		if f.diff {
			writeDiff(f.out, c)
			continue
		}
		fmt.Fprintln(f.out, c.Path)
	}
}

func (f *formatter) fail(faults schema.Faults) error {
	fmt.Fprint(f.errs, faults.Format())
	return errPrinted
}
