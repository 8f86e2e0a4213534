package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/origin"
	"github.com/hawos/hawos/hawosgen/project"
)

// goVersion is the least version of Go that hawos builds with.
const goVersion = "1.26.0"

func newProjectCommand() *cobra.Command {
	var modulePath string
	cmd := &cobra.Command{
		Use:   "project NAME",
		Short: "Make a folder with a complete project: frontend and HTTP API, ready to run",
		Example: `  hawosgen new project demo --module example.com/demo
  cd demo && hawosgen new service rank && hawosgen up`,
		Args: exactArgs(1, "name the project: hawosgen new project demo"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := projectMaker{out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr(), dir: filepath.Join(workingDir(cmd), args[0])}
			if modulePath == "" {
				modulePath = args[0]
			}
			return n.run(cmd.Context(), args[0], modulePath)
		},
	}
	cmd.Flags().StringVar(&modulePath, "module", "", "Go module path, such as example.com/demo (default: NAME)")
	return cmd
}

// projectMaker is one call of hawosgen new project.
type projectMaker struct {
	out, errs io.Writer
	dir       string
}

// projectName is what a folder may be called that is also a namespace.
var projectName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)

func (n *projectMaker) run(ctx context.Context, name, modulePath string) error {
	if !projectName.MatchString(name) {
		return fmt.Errorf("project name %q: must begin with a-z, go on with a-z, 0-9 or -, and have at most 20 characters", name)
	}
	if err := module.CheckImportPath(modulePath); err != nil {
		return fmt.Errorf("--module: %w", err)
	}
	if entries, err := os.ReadDir(n.dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("folder %s is not empty: choose another name, or delete it", n.dir)
	}
	o := origin.Find()
	err := n.files(name, modulePath, o)
	if err == nil {
		err = n.generate(ctx)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(n.dir)) // it was empty before
	}
	if o.Checkout != "" {
		fmt.Fprintf(n.out, "hawos is the checkout %s that this hawosgen was built from: see replace in go.mod\n", o.Checkout)
	}
	if err := n.tidy(ctx); err != nil {
		return err
	}
	fmt.Fprintf(n.out, "made the project %s. Go on with:\n  cd %s\n  hawosgen new service rank\n  hawosgen up\n", name, name)
	return nil
}

// files writes what the project begins with.
func (n *projectMaker) files(name, modulePath string, o origin.Origin) error {
	version := o.Version
	if !strings.HasPrefix(version, "v") {
		version = "v0.0.0"
	}
	if o.Checkout == "" && version == "v0.0.0" {
		return errors.New("this hawosgen knows neither its version nor its checkout: install it with go install " + origin.Module + "/hawosgen@latest")
	}
	data := &model.NewProject{
		Name: name, Namespace: name, Module: modulePath, Go: goVersion,
		Hawos: origin.Module, Version: version, Checkout: o.Checkout,
	}
	if err := generate.NewProject(n.dir, data); err != nil {
		return err
	}
	_, err := project.EnsureSecrets(n.dir)
	return err
}

// generate writes gen/, which has a routing table even without services.
func (n *projectMaker) generate(ctx context.Context) error {
	p, err := project.Load(n.dir)
	if err != nil {
		return err
	}
	res, err := generate.Run(ctx, p, generate.Options{})
	if err != nil {
		return err
	}
	return res.Changes.Write()
}

// tidy completes go.mod.
func (n *projectMaker) tidy(ctx context.Context) error {
	err := goStep(ctx, n.errs, n.dir, "go mod tidy", "mod", "tidy")
	if err != nil {
		return fmt.Errorf("%w\nthe project is complete but for its go.sum: mend what go says (often the network or GOPROXY), then run go mod tidy in %s", err, n.dir)
	}
	return nil
}
