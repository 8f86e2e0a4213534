package project

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// SecretsFile is the path of the file, relative to the root folder, that holds
// what must not be in git.
const SecretsFile = "config/secrets.yaml"

// EnsureSecrets writes dir's config/secrets.yaml with random values where there
// is none, as after a git clone, and reports whether it did. It never changes
// one that exists. dir is the project's root folder.
func EnsureSecrets(dir string) (created bool, err error) {
	name := filepath.Join(dir, filepath.FromSlash(SecretsFile))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return false, err
	}
	// O_EXCL: of two runs at once one wins, and both use what it wrote.
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = fmt.Fprintf(f, secrets, rand.Text()+rand.Text(), rand.Text()+rand.Text())
	if err := errors.Join(err, f.Close()); err != nil {
		return false, errors.Join(err, os.Remove(name))
	}
	return true, nil
}

const secrets = `# Secrets of this project on this machine: not in git. Each machine, and above
# all production, has its own. Delete the file and hawosgen up writes a new one.

jwt:
  # secret signs the tokens that clients log in with. Whoever has it is anybody.
  secret: %s
rpc:
  # token is what the project's services prove to each other that they belong
  # together. All of them need the same.
  token: %s
`
