package supervise

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/proc"
	"github.com/hawos/hawos/hawosgen/infra/state"
)

// Format is the version of the files in Dir. It grows with each change of Spec or State, so that a verb knows a
// supervisor that would misunderstand it: one that was started by another hawosgen.
const Format = 1

// Spec is what should run.
type Spec struct {
	// Revision grows with each Spec, so that a State tells which one it follows.
	Revision int       `json:"revision"`
	Programs []Program `json:"programs"`
}

// Program is a process to keep running. One that differs in any field from the running one replaces it.
type Program struct {
	// Name is the instance's: chat-1. It names the log file too.
	Name string `json:"name"`
	// Wave is when to start: 0 first, which the others need. A wave starts when the one before it is ready.
	// Waves stop in the same order, but 0 last.
	Wave int      `json:"wave"`
	Bin  string   `json:"bin"`
	Args []string `json:"args,omitempty"`
	// Env is added to the supervisor's own environment.
	Env []string `json:"env,omitempty"`
	// Dir is the working directory; empty: the supervisor's.
	Dir string `json:"dir,omitempty"`
	// Build and Settings are fingerprints of Bin and of the files that it reads.
	Build    string `json:"build,omitempty"`
	Settings string `json:"settings,omitempty"`
	Ready    Probe  `json:"ready"`
	// Links are addresses for people, such as the page that it serves.
	Links []Link `json:"links,omitempty"`
}

// Equal reports whether both are the same to the byte.
func (p Program) Equal(q Program) bool { return reflect.DeepEqual(p, q) }

// Link is an address for people.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// State is what runs, as the supervisor last wrote it.
type State struct {
	Format     int      `json:"format"`
	Revision   int      `json:"revision"`
	Supervisor proc.ID  `json:"supervisor"`
	Programs   []Status `json:"programs"`
}

// Status is one program's.
type Status struct {
	Program  Program   `json:"program"`
	Phase    Phase     `json:"phase"`
	Process  proc.ID   `json:"process"`
	Started  time.Time `json:"started"`
	TookMS   int64     `json:"took_ms"` // from the start until it was ready
	Restarts int       `json:"restarts"`
	Fault    string    `json:"fault,omitempty"` // why it failed, or ended last
}

// Phase is where a program is in its life.
type Phase string

// The phases. Failed is final until the next Spec: the program was never ready.
const (
	Starting Phase = "starting"
	Ready    Phase = "ready"
	Crashed  Phase = "crashed"
	Failed   Phase = "failed"
	Stopping Phase = "stopping"
)

// Find returns the status of the program with the name.
func (s State) Find(name string) (Status, bool) {
	for _, status := range s.Programs {
		if status.Program.Name == name {
			return status, true
		}
	}
	return Status{}, false
}

// Dir is a project's folder .hawos.
type Dir string

// In returns the folder of the project in root.
func In(root string) Dir { return Dir(filepath.Join(root, ".hawos")) }

// Path returns the path of a file in the folder.
func (d Dir) Path(elem ...string) string {
	return filepath.Join(append([]string{string(d)}, elem...)...)
}

// Log returns the path of a program's log file.
func (d Dir) Log(name string) string { return d.Path("log", name+".log") }

// Spec returns the last Spec; the zero one where there is none.
func (d Dir) Spec() (s Spec, err error) { return s, d.read("spec.json", &s) }

// WriteSpec replaces the Spec. A running supervisor follows it after Reload.
func (d Dir) WriteSpec(s Spec) error { return d.write("spec.json", s) }

// State returns what the supervisor last wrote; the zero State where nothing runs.
func (d Dir) State() (s State, err error) { return s, d.read("state.json", &s) }

func (d Dir) writeState(s State) error { return d.write("state.json", s) }

func (d Dir) read(name string, into any) error {
	data, err := os.ReadFile(d.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read %s: %w", d.Path(name), err)
	}
	return nil
}

func (d Dir) write(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return state.Replace(d.Path(name), append(data, '\n'))
}
