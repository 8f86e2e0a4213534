package config

import (
	"reflect"
	"strings"
)

// command is what a process was started with.
type command struct {
	dir   string // --config
	help  bool
	print bool
	given []argument
}

// argument is one setting given by a flag.
type argument struct{ flag, path, text string }

// parseArgs reads --name value, --name=value and the same with one dash. It
// only collects; a value that equals the default counts as given like any other.
func parseArgs(args []string, root *setting, faults *Faults) command {
	c := command{}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name, ok := strings.CutPrefix(arg, "-")
		name = strings.TrimPrefix(name, "-")
		if !ok || name == "" {
			faults.add("argument", "", "%q is no flag; settings are given as --key value", arg)
			continue
		}
		name, text, hasText := strings.Cut(name, "=")
		switch s := root.find(name); {
		case name == "help" || name == "h":
			c.help = true
		case name == "print-config":
			c.print = true
		case s == nil && name != "config":
			faults.add("flag --"+name, "", "unknown setting%s", suggest("--"+name, flagNames(root)))
			if !hasText && len(args) > 0 && !strings.HasPrefix(args[0], "-") {
				args = args[1:] // most likely its value
			}
		default:
			if !hasText && s != nil && s.value.Kind() == reflect.Bool {
				text, hasText = "true", true
			}
			if !hasText {
				if len(args) == 0 {
					faults.add("flag --"+name, "", "has no value")
					continue
				}
				text, args = args[0], args[1:]
			}
			if name == "config" {
				c.dir = text
				continue
			}
			c.given = append(c.given, argument{flag: "flag --" + name, path: name, text: text})
		}
	}
	return c
}

func flagNames(root *setting) []string {
	names := []string{"--config", "--help", "--print-config"}
	for _, s := range root.leaves() {
		if s.simple() {
			names = append(names, "--"+s.path)
		}
	}
	return names
}

// apply gives the setting the text that stands at where, or adds a fault.
func (s *setting) apply(where, text string, faults *Faults) {
	if err := s.set(text); err != nil {
		faults.add(where, "", "%s", err)
		return
	}
	s.from = where
}
