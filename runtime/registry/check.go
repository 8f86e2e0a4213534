package registry

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// Check returns all that is wrong with the instance, joined: its names, and an
// address that nobody can dial.
func (i Instance) Check() error {
	var faults []error
	if err := CheckName(i.App); err != nil {
		faults = append(faults, err)
	}
	if id, ok := strings.CutPrefix(i.ID, i.App+"-"); !ok || id == "" || strings.Contains(id, "/") {
		faults = append(faults, fmt.Errorf("instance name %q: must be %s- and an id without a slash", i.ID, i.App))
	}
	host, port, err := net.SplitHostPort(i.Address)
	ip := net.ParseIP(host)
	switch {
	case err != nil:
		faults = append(faults, fmt.Errorf("address %q: %w", i.Address, err))
	case host == "" || ip != nil && ip.IsUnspecified() || port == "" || port == "0":
		faults = append(faults, fmt.Errorf("address %q: nobody can dial it; set rpc.advertise to host:port", i.Address))
	}
	return errors.Join(faults...)
}
