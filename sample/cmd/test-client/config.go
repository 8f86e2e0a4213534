package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

const defaultConfig = "http://127.0.0.1:8080"

// findConfig returns where hawosgen up started the config service: by the state
// of the project in the working directory, else of the one that this program was
// built into.
func findConfig() string {
	dirs := []string{"."}
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Join(filepath.Dir(exe), ".."))
	}
	for _, dir := range dirs {
		if url := configIn(filepath.Join(dir, ".hawos", "state.json")); url != "" {
			return url
		}
	}
	return defaultConfig
}

// configIn returns the HTTP address of the config service in hawosgen's state, or
// "".
func configIn(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	var state struct {
		Programs []struct {
			Program struct {
				Name  string
				Links []struct{ Label, URL string }
			}
		}
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return ""
	}
	for _, p := range state.Programs {
		for _, l := range p.Program.Links {
			if strings.HasPrefix(p.Program.Name, "config-") && l.Label == "http" {
				return strings.TrimSuffix(l.URL, "/")
			}
		}
	}
	return ""
}
