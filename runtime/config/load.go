package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hawos/hawos/runtime/mode"
)

// DefaultDir is where settings are read from when neither --config nor
// HAWOS_CONFIG says.
const DefaultDir = "config"

// Answer is the error of a Load whose arguments ask for a text instead of a
// run: --help or --print-config. The caller prints the text and exits with 0.
type Answer struct{ Text string }

// Error returns the text.
func (a *Answer) Error() string { return a.Text }

// Default returns the settings of a process that is told nothing, in mode test:
// what a unit test starts from.
func Default() Config {
	c := Config{}
	if _, err := newTree(&c); err != nil {
		panic(err) // a bug in Config's tags
	}
	c.Mode = mode.Test
	c.listenDefault()
	return c
}

// Load returns the settings of the appName: those of common.yaml, then NAME.yaml,
// then secrets.yaml in the folder that --config names (./config by default; the
// files may be absent, the folder not), then of the environment (rpc.port is
// HAWOS_RPC_PORT; lists have commas; an empty variable says nothing), then of the
// flags in args (--rpc.port 0), which hold no program name.
//
// All that is wrong comes back at once, as Faults. An *Answer is returned for
// --help and --print-config.
func Load(name string, args []string) (Config, error) {
	var c Config
	err := LoadInto(name, args, &c)
	return c, err
}

// LoadInto is Load for a struct of a project's own settings, which has a Config
// inline:
//
//	type Settings struct {
//		config.Config `yaml:",inline"`
//		Chat struct {
//			History int `yaml:"history" default:"50" min:"1" help:"messages kept per room"`
//		} `yaml:"chat"`
//	}
//
// Fields may be strings, booleans, numbers, durations, what unmarshals text,
// lists of these, and structs; others are read from YAML alone. Where the struct
// has a method Validate() error, its error is one of the faults.
func LoadInto(name string, args []string, target any) error {
	root, err := newTree(target)
	if err != nil {
		return err
	}
	var faults Faults
	cmd := parseArgs(args, root, &faults)
	if cmd.help {
		return &Answer{Text: help(name, root)}
	}
	readDir(cmd.folder(), name, root, &faults)
	for _, s := range root.leaves() {
		if text := os.Getenv(s.env()); text != "" {
			s.apply("environment "+s.env(), text, &faults)
		}
	}
	for _, a := range cmd.given {
		root.find(a.path).apply(a.flag, a.text, &faults)
	}
	check(root, &faults)
	if v, ok := target.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			faults.add("", "", "%s", err)
		}
	}
	if err := faults.err(); err != nil {
		return err
	}
	if cmd.print {
		return &Answer{Text: printed(root)}
	}
	return nil
}

func (c command) folder() string {
	for _, dir := range []string{c.dir, os.Getenv("HAWOS_CONFIG")} {
		if dir != "" {
			return dir
		}
	}
	return DefaultDir
}

func readDir(dir, name string, root *setting, faults *Faults) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		faults.add("flag --config", "", "%q is no folder; run the program where its config/ is, or name that folder", dir)
		return
	}
	for _, f := range []string{"common.yaml", name + ".yaml", "secrets.yaml"} {
		path := filepath.Join(dir, f)
		text, err := os.ReadFile(path)
		switch {
		case err == nil:
			readYAML(path, text, root, faults)
		case !errors.Is(err, fs.ErrNotExist):
			faults.add(path, "", "%s", err)
		}
	}
}

// listenDefault fills in the addresses whose default hangs on the mode.
func (c *Config) listenDefault() {
	if c.Mode == mode.Release {
		return
	}
	for _, l := range []*Listen{&c.HTTP, &c.RPC.Listen, &c.WS.Listen} {
		if l.IP == "" {
			l.IP = "127.0.0.1"
		}
	}
}
