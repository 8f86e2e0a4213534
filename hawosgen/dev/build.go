package dev

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/origin"
)

// buildApps compiles the services into the folder bin.
func buildApps(ctx context.Context, root string, dir supervise.Dir, apps []app) error {
	if err := os.MkdirAll(dir.Path("bin"), 0o755); err != nil {
		return err
	}
	args := []string{"build", "-o", dir.Path("bin") + string(filepath.Separator)}
	for _, a := range apps {
		args = append(args, "./cmd/"+a.name)
	}
	return runGo(ctx, root, nil, args...)
}

// infraBinary is where hawos-infra of this hawos is, or will be once built. All projects of a user share it.
func infraBinary(o origin.Origin) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for hawos-infra: %w", err)
	}
	key := o.Version
	if o.Checkout != "" {
		hash := sha256.Sum256([]byte(o.Checkout))
		key = "checkout-" + hex.EncodeToString(hash[:6])
	}
	return filepath.Join(cache, "hawos", "infra", key, "hawos-infra"), nil
}

// infraBuilt reports whether bin is there. Where it is, building it takes seconds at most, else minutes.
func infraBuilt(bin string) bool {
	info, err := os.Stat(bin)
	return err == nil && info.Mode().IsRegular()
}

// buildInfra makes bin: from the checkout each time, since the compiler knows best what has changed there, and for a
// released version once. It is built in hawos's own module, as the user's lacks what the servers are made of.
func buildInfra(ctx context.Context, o origin.Origin, bin string) error {
	if o.Checkout == "" && infraBuilt(bin) {
		return nil
	}
	if o.Checkout == "" && o.Version == "devel" {
		return errors.New("this hawosgen does not know which hawos it was built from: build it in a checkout with go build ./hawosgen, or go install " + origin.Module + "/hawosgen@latest")
	}
	if err := os.MkdirAll(filepath.Dir(bin), 0o755); err != nil {
		return err
	}
	// A folder of our own, then a rename: two projects may build at once.
	temp, err := os.MkdirTemp(filepath.Dir(bin), "build-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if o.Checkout != "" {
		built := filepath.Join(temp, "hawos-infra")
		_ = os.Link(bin, built) // the compiler leaves what is up to date as it is; without the link it just takes longer
		if err := runGo(ctx, o.Checkout, []string{"GOWORK=off"}, "build", "-o", built, "./hawosgen/infra"); err != nil {
			return err
		}
		return os.Rename(built, bin)
	}
	env := []string{"GOWORK=off", "GOFLAGS=", "GOBIN=" + temp}
	if err := runGo(ctx, temp, env, "install", origin.Module+"/hawosgen/infra@"+o.Version); err != nil {
		return err
	}
	// go install names a program after its folder.
	return os.Rename(filepath.Join(temp, "infra"), bin)
}

// runGo runs the go command in dir. Its error holds what the compiler said.
func runGo(ctx context.Context, dir string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("hawos needs the go command on PATH: %w", err)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("go %s in %s: %w\n%s", args[0], dir, err, strings.TrimSpace(out.String()))
}
