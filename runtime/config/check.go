package config

import (
	"fmt"
	"net"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/hawos/hawos/runtime/mode"
)

// MinSecret is the least length of jwt.secret and rpc.token in bytes.
const MinSecret = 32

var (
	namespaceRule = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)
	idRule        = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$`)
)

// check adds what is wrong with the Config within the settings, beyond what one
// value shows by itself, and fills in what hangs on others.
func check(root *setting, faults *Faults) {
	c := configIn(root.value)
	if c == nil {
		return
	}
	c.listenDefault()
	fault := func(key, format string, args ...any) {
		where := ""
		if s := root.find(key); s != nil {
			where = s.from
		}
		if strings.HasPrefix(where, "flag ") || strings.HasPrefix(where, "environment ") {
			key = "" // which the place tells
		}
		faults.add(where, key, format, args...)
	}
	if !namespaceRule.MatchString(c.Namespace) {
		fault("namespace", "%q must begin with a-z, go on with a-z, 0-9 or -, and have at most 20 characters", c.Namespace)
	}
	if !idRule.MatchString(c.ID) {
		fault("id", "%q must have 1 to 20 characters, a-z, 0-9 or - within", c.ID)
	}
	c.checkAddresses(fault)
	c.checkSecrets(fault)
}

func (c *Config) checkAddresses(fault func(key, format string, args ...any)) {
	for _, a := range []struct{ key, ip string }{
		{"http.ip", c.HTTP.IP}, {"rpc.ip", c.RPC.IP}, {"ws.ip", c.WS.IP}, {"admin.ip", c.Admin.IP},
	} {
		if a.ip != "" && net.ParseIP(a.ip) == nil {
			fault(a.key, "%q is no IP address", a.ip)
		}
	}
	if len(c.Etcd.Endpoints) == 0 && c.Mode != mode.Test {
		fault("", "%s", Missing("etcd.endpoints"))
	}
	if c.RPC.Advertise != "" {
		if err := checkAdvertise(c.RPC.Advertise); err != nil {
			fault("rpc.advertise", "%s", err)
		}
	}
	if c.WS.Path == "" || c.WS.Path[0] != '/' {
		fault("ws.path", "%q must begin with /", c.WS.Path)
	}
}

func checkAdvertise(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not host:port", address)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return fmt.Errorf("%q is no address that others can dial", address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("%q has no port that others can dial", address)
	}
	return nil
}

func (c *Config) checkSecrets(fault func(key, format string, args ...any)) {
	for _, s := range []struct{ key, secret string }{
		{"rpc.token", c.RPC.Token}, {"jwt.secret", c.JWT.Secret},
	} {
		if s.secret != "" && len(s.secret) < MinSecret {
			fault(s.key, "has %d bytes, and fewer than %d can be guessed; make one with: openssl rand -hex 32", len(s.secret), MinSecret)
		}
	}
	if t := c.RPC.TLS; t.Enabled() && (t.Cert == "" || t.Key == "" || t.CA == "") {
		fault("rpc.tls", "cert, key and ca go together: services check each other's certificate")
	}
	if c.Mode != mode.Test && c.RPC.Token == "" && !c.RPC.TLS.Enabled() {
		fault("rpc.token", "is empty: the project's services trust each other by it; put one into config/secrets.yaml or HAWOS_RPC_TOKEN, such as the output of: openssl rand -hex 32")
	}
}

// configIn returns the Config that v is or has inline, or nil.
func configIn(v reflect.Value) *Config {
	if c, ok := v.Addr().Interface().(*Config); ok {
		return c
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && f.Type == reflect.TypeFor[Config]() {
			return v.Field(i).Addr().Interface().(*Config)
		}
	}
	return nil
}

// Within returns the Config that the settings, a pointer to a struct, are or
// have inline.
func Within(settings any) (Config, error) {
	v := reflect.ValueOf(settings)
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		if c := configIn(v.Elem()); c != nil {
			return *c, nil
		}
	}
	return Config{}, fmt.Errorf("%T has no config.Config inline", settings)
}
