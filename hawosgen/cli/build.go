package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
)

// buildProject compiles all packages of the project. Behind an error that a proto
// explains it prints the place there.
func buildProject(ctx context.Context, p *project.Project, res *generate.Result, out io.Writer) error {
	var text bytes.Buffer
	err := newProgress(out).Do("building ./...", func() (string, error) {
		cmd := exec.CommandContext(ctx, "go", "build", "./...")
		cmd.Dir = p.Dir
		cmd.Stdout, cmd.Stderr = &text, &text
		return "", cmd.Run()
	})
	if err == nil {
		return nil
	}
	for line := range strings.Lines(text.String()) {
		fmt.Fprint(out, line)
		if strings.Contains(line, handshake) {
			fmt.Fprintln(out, "\tthe generated code and the hawos in go.mod are of two generations: run hawosgen upgrade")
		}
		if pos := protoPlace(line, res); !pos.IsZero() {
			fmt.Fprintf(out, "\tits rpc: %s\n", pos)
		}
	}
	return fmt.Errorf("the project does not compile (go build ./...: %w)", err)
}

// handshake is what Go says of generated code that is of another generation than
// the runtime: route.V2 for one that is too new.
const handshake = "undefined: route.V"

// protoPlace returns where the rpc is that a compiler's error is about: the
// error names the handler interface, or a type of its package, and the method.
func protoPlace(line string, res *generate.Result) schema.Pos {
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\n.,:;()*[]{}", r) })
	has := func(word string) bool {
		for _, w := range words {
			if w == word {
				return true
			}
		}
		return false
	}
	for _, a := range res.Model.Apps {
		for _, h := range a.Handlers {
			if !has(h.Service.Handler) && !has(h.Service.Server) && !has(h.Service.Register) {
				continue
			}
			for _, m := range h.Service.Methods {
				if has(m.Name) {
					return m.Place()
				}
			}
		}
	}
	return schema.Pos{}
}
