package app

import (
	"net"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/mode"
)

// advertised returns the address under which others reach what listens at the
// given one. It is never an unspecified address.
func advertised(c config.Config, listening string) string {
	if c.RPC.Advertise != "" {
		return c.RPC.Advertise
	}
	return specified(c, listening)
}

// websocket returns the URL under which clients reach the app's frontend; empty
// where it serves none.
func (a *App) websocket() string {
	for _, s := range a.servers {
		e, ok := s.(endpoint)
		if !ok {
			continue
		}
		if kind, address := e.Endpoint(); kind == "ws" {
			if a.config.WS.Advertise != "" {
				return a.config.WS.Advertise
			}
			return "ws://" + specified(a.config, address) + a.config.WS.Path
		}
	}
	return ""
}

// specified returns the listening address with one that can be dialled in the
// place of an unspecified one.
func specified(c config.Config, listening string) string {
	host, port, err := net.SplitHostPort(listening)
	if err != nil {
		return listening
	}
	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
		return listening
	}
	if c.Mode != mode.Release {
		return net.JoinHostPort("127.0.0.1", port)
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		addrs = nil
	}
	return net.JoinHostPort(firstGlobal(addrs), port)
}

// firstGlobal returns the first address that other machines may reach, IPv4
// before IPv6; 127.0.0.1 on a machine without a network.
func firstGlobal(addrs []net.Addr) string {
	first := ""
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok || !n.IP.IsGlobalUnicast() {
			continue
		}
		if n.IP.To4() != nil {
			return n.IP.String()
		}
		if first == "" {
			first = n.IP.String()
		}
	}
	if first == "" {
		return "127.0.0.1"
	}
	return first
}
