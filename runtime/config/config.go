// Package config reads a process's settings: YAML files, then the environment,
// then flags, each overriding the one before, under one name for a setting
// everywhere (rpc.port, HAWOS_RPC_PORT, --rpc.port). Its structs are the options
// of the rooms that they are named after.
//
// Load fills a Config; LoadInto a struct of a project's own that holds one.
// docs/configuration.md lists every setting.
package config

import (
	"time"

	"github.com/hawos/hawos/runtime/mode"
)

// Config is what every process of a project is told. In the tags, default is the
// value of a setting that nothing gives, and help its line in --help.
type Config struct {
	ID           string        `yaml:"id" default:"1" help:"what tells instances of an appName apart; the instance is called appName-id"`
	Namespace    string        `yaml:"namespace" default:"dev" help:"keeps projects apart that share etcd, Redis or a queue"`
	Mode         mode.Mode     `yaml:"mode" default:"debug" one:"debug,release,test" help:"debug listens on 127.0.0.1 and logs for people; release listens everywhere and logs JSON; test demands no servers and no secrets"`
	DrainTimeout time.Duration `yaml:"drain_timeout" default:"15s" min:"0s" help:"how long a stopping process may finish what it has begun"`
	HTTP         Listen        `yaml:"http"`
	RPC          RPC           `yaml:"rpc"`
	WS           WS            `yaml:"ws"`
	Admin        Admin         `yaml:"admin"`
	Etcd         Etcd          `yaml:"etcd"`
	Redis        Redis         `yaml:"redis"`
	Queue        Queue         `yaml:"queue"`
	JWT          JWT           `yaml:"jwt"`
	Log          Log           `yaml:"log"`
}

// Listen is an address to listen on.
type Listen struct {
	IP   string `yaml:"ip" help:"address to listen on; empty is 127.0.0.1 in debug and test, every address in release"`
	Port int    `yaml:"port" default:"0" min:"0" max:"65535" help:"port to listen on; 0 is any free one"`
}

// RPC is the gRPC server that other services call, and the trust among them.
type RPC struct {
	Listen    `yaml:",inline"`
	Advertise string `yaml:"advertise" help:"host:port under which others reach rpc; empty is rpc.ip, or the machine's first address"`
	Token     string `yaml:"token" json:"-" secret:"true" help:"secret that the project's services share; who lacks it is not trusted"`
	TLS       TLS    `yaml:"tls"`
}

// TLS names the files of a certificate. All empty is no TLS.
type TLS struct {
	Cert string `yaml:"cert" help:"file of the certificate, PEM"`
	Key  string `yaml:"key" help:"file of the certificate's private key, PEM"`
	CA   string `yaml:"ca" help:"file of the authorities that the other side's certificate is checked against, PEM"`
}

// Enabled reports whether any file is named.
func (t TLS) Enabled() bool { return t != TLS{} }

// WS is the websocket server of a frontend.
type WS struct {
	Listen         `yaml:",inline"`
	Path           string        `yaml:"path" default:"/ws" help:"path of the websocket"`
	Advertise      string        `yaml:"advertise" help:"URL under which clients reach ws, such as wss://play.example.com/ws; empty is ws:// with the listening address and ws.path"`
	Origins        []string      `yaml:"origins" help:"origins of pages that may connect besides the frontend's own host, such as https://play.example.com; * is all"`
	LoginTimeout   time.Duration `yaml:"login_timeout" default:"10s" min:"1ms" help:"how long a client may stay without a login; then it is closed with 4408"`
	IdleTimeout    time.Duration `yaml:"idle_timeout" default:"60s" min:"1ms" help:"how long a client may send nothing; then it is closed with 4408. Clients are told to send every third of it"`
	WriteTimeout   time.Duration `yaml:"write_timeout" default:"10s" min:"1ms" help:"how long one write to a client may take; then it is closed with 4429"`
	DrainTimeout   time.Duration `yaml:"drain_timeout" default:"10s" min:"0s" help:"within what time a stopping frontend sends its clients elsewhere"`
	MaxPacketBytes int           `yaml:"max_packet_bytes" default:"65536" min:"64" max:"67108864" help:"greatest packet of a client, in bytes; a greater one closes with 4413"`
	MaxInFlight    int           `yaml:"max_in_flight" default:"64" min:"1" help:"requests of a session that wait for a reply; above it the frontend stops reading that socket"`
	MaxQueueBytes  int           `yaml:"max_queue_bytes" default:"1048576" min:"1024" help:"bytes that may wait for a slow client; above it its pushes follow their delivery class"`
	MaxSessions    int           `yaml:"max_sessions" default:"100000" min:"1" help:"sessions of one frontend; more are refused with HTTP 503"`
	Duplicate      string        `yaml:"duplicate" default:"kick" one:"kick,refuse,allow" help:"second login of a uid: kick the old session, refuse the new one, or allow both"`
}

// Admin is the endpoint for operators: health, metrics and profiles.
type Admin struct {
	IP   string `yaml:"ip" default:"127.0.0.1" help:"address of /healthz, /readyz, /metrics and /debug/pprof; never one that strangers reach"`
	Port int    `yaml:"port" default:"0" min:"0" max:"65535" help:"port to listen on; 0 is any free one"`
}

// Etcd is the registry's server.
type Etcd struct {
	Endpoints   []string      `yaml:"endpoints" help:"host:port of the servers"`
	Username    string        `yaml:"username" help:"user to log in as; empty is no login"`
	Password    string        `yaml:"password" json:"-" secret:"true" help:"password of the user"`
	TTL         time.Duration `yaml:"ttl" default:"10s" min:"1s" help:"how long a crashed instance stays registered"`
	DialTimeout time.Duration `yaml:"dial_timeout" default:"5s" min:"1ms" help:"how long a start waits for the servers"`
	TLS         TLS           `yaml:"tls"`
}

// Redis is the server of the directory, of caches and of a project's own data.
type Redis struct {
	Address     string        `yaml:"address" help:"host:port of the server"`
	Username    string        `yaml:"username" help:"user to log in as; empty is the default user"`
	Password    string        `yaml:"password" json:"-" secret:"true" help:"password of the user; empty is no login"`
	DB          int           `yaml:"db" default:"0" min:"0" help:"number of the database"`
	PoolSize    int           `yaml:"pool_size" default:"0" min:"0" help:"connections at most; 0 is ten per CPU"`
	DialTimeout time.Duration `yaml:"dial_timeout" default:"5s" min:"1ms" help:"how long a start waits for the server"`
	Timeout     time.Duration `yaml:"timeout" default:"3s" min:"1ms" help:"how long one command may take"`
	TLS         TLS           `yaml:"tls"`
}

// Queue is what pushes travel through.
type Queue struct {
	Type  string `yaml:"type" default:"kafka" one:"kafka,nsq,memory" help:"which queue carries pushes; memory is for unit tests, within one process"`
	Kafka Kafka  `yaml:"kafka"`
	NSQ   NSQ    `yaml:"nsq"`
}

// Kafka is read where queue.type is kafka.
type Kafka struct {
	Brokers           []string      `yaml:"brokers" help:"host:port of the brokers"`
	Username          string        `yaml:"username" help:"user of SASL PLAIN; empty is no login"`
	Password          string        `yaml:"password" json:"-" secret:"true" help:"password of the user"`
	ReplicationFactor int           `yaml:"replication_factor" default:"1" min:"1" max:"32767" help:"copies of a topic that hawos creates"`
	Retention         time.Duration `yaml:"retention" default:"10m" min:"1s" help:"how long a topic that hawos creates keeps messages"`
	TLS               TLS           `yaml:"tls"`
}

// NSQ is read where queue.type is nsq.
type NSQ struct {
	NSQD    string   `yaml:"nsqd" help:"host:port of the nsqd that this process publishes to"`
	HTTP    string   `yaml:"http" help:"host:port of that nsqd's HTTP API; empty: what lookupd says, else the port after queue.nsq.nsqd's"`
	Lookupd []string `yaml:"lookupd" help:"host:port of the nsqlookupd by HTTP; empty: every process uses queue.nsq.nsqd"`
	Secret  string   `yaml:"secret" json:"-" secret:"true" help:"what nsqd's AUTH is given; empty is no AUTH"`
	TLS     TLS      `yaml:"tls"`
}

// JWT says how login tokens are signed and checked.
type JWT struct {
	Secret string        `yaml:"secret" json:"-" secret:"true" help:"key of HS256, at least 32 bytes; there is no default"`
	TTL    time.Duration `yaml:"ttl" default:"24h" min:"1s" help:"how long an issued token is valid"`
	Issuer string        `yaml:"issuer" default:"hawos" help:"who issues tokens; others' are refused"`
}

// Log says what is logged where.
type Log struct {
	Dir    string `yaml:"dir" help:"folder for a file per instance, chat-1.log, besides standard error; empty is no file"`
	Level  string `yaml:"level" default:"info" one:"debug,info,warn,error" help:"least level that is logged"`
	Format string `yaml:"format" default:"auto" one:"auto,text,json" help:"auto is text in debug and test, json in release"`
}
