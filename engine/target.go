package engine

import (
	"io/fs"
	"time"
)

// TargetKind says what is looked at.
type TargetKind string

// The kinds of target.
const (
	Host TargetKind = "host" // the machine this program runs on
	Root TargetKind = "root" // a directory that holds a whole file system: an image, a chroot, a mounted disk
	SBOM TargetKind = "sbom" // a bill of materials; has an Inventory and no file system
)

// A Target is what an engine looks at. It is read-only for engines.
type Target struct {
	Kind TargetKind
	Name string // how people call it: the host name, the directory, the file

	// FS is the file system of the target with its root at ".", so that
	// /etc/passwd is "etc/passwd". Symbolic links, absolute ones too, are resolved
	// inside the root. Nil for an SBOM. It implements fs.ReadLinkFS, so that
	// engines can Lstat; owner ids are in FileInfo.Sys (see Owner).
	FS fs.FS

	// Inventory is filled by engine/inventory before the other engines run.
	Inventory *Inventory

	// Now is the time of the run, for checks that compare dates.
	Now time.Time
}

// An Inventory is the software and the facts of one target.
type Inventory struct {
	Host     HostFacts `json:"host"`
	Packages []Package `json:"packages"`
	Problems []Problem `json:"problems,omitempty"` // what could not be read, so that absence is not taken for safety
}

// A Problem is something that could not be read in full.
type Problem struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// HostFacts are what a machine is. Live is false for a root or an SBOM: then
// listeners, running services and kernel settings are not known.
type HostFacts struct {
	Live       bool       `json:"live"`
	Hostname   string     `json:"hostname,omitempty"`
	OS         OS         `json:"os"`
	Kernel     string     `json:"kernel,omitempty"`
	Arch       string     `json:"arch,omitempty"`
	Container  string     `json:"container,omitempty"` // docker, lxc, … when it is known to be one
	BootTime   time.Time  `json:"boot_time,omitzero"`
	Users      []User     `json:"users,omitempty"`
	Groups     []Group    `json:"groups,omitempty"`
	Listeners  []Listener `json:"listeners,omitempty"`
	Services   []Service  `json:"services,omitempty"`
	Mounts     []Mount    `json:"mounts,omitempty"`
	Interfaces []string   `json:"interfaces,omitempty"` // addresses with prefix length
}

// OS is the content of os-release that matters.
type OS struct {
	ID         string   `json:"id"` // debian, ubuntu, alpine, rhel, almalinux, …
	IDLike     []string `json:"id_like,omitempty"`
	VersionID  string   `json:"version_id,omitempty"`
	Codename   string   `json:"codename,omitempty"`
	PrettyName string   `json:"pretty_name,omitempty"`
}

// A User is one line of passwd with what shadow says of it. No hash is kept.
type User struct {
	Name     string        `json:"name"`
	UID      int           `json:"uid"`
	GID      int           `json:"gid"`
	Home     string        `json:"home"`
	Shell    string        `json:"shell"`
	Password PasswordState `json:"password,omitempty"`
	Method   string        `json:"method,omitempty"` // how the password is hashed: yescrypt, sha512, md5, des, …
	MaxDays  int           `json:"max_days,omitempty"`
}

// PasswordState is what can be said of a password without knowing it.
type PasswordState string

// The states of a password. Unreadable means that shadow could not be read.
const (
	PasswordSet        PasswordState = "set"
	PasswordEmpty      PasswordState = "empty"
	PasswordLocked     PasswordState = "locked"
	PasswordUnreadable PasswordState = "unreadable"
)

// A Group is one line of group.
type Group struct {
	Name    string   `json:"name"`
	GID     int      `json:"gid"`
	Members []string `json:"members,omitempty"`
}

// A Listener is a socket that accepts connections or datagrams.
type Listener struct {
	Proto   string `json:"proto"` // tcp, tcp6, udp, udp6
	Address string `json:"address"`
	Port    int    `json:"port"`
	PID     int    `json:"pid,omitempty"`
	Process string `json:"process,omitempty"` // name of the program; empty when it may not be seen
	UID     int    `json:"uid"`
}

// A Service is a unit of the init system. Enabled is read from the unit files,
// Running from the process table; both without asking the init system.
type Service struct {
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
	Running bool   `json:"running"`
}

// A Mount is one line of the mount table, or of fstab for a target that is not live.
type Mount struct {
	Device  string   `json:"device"`
	Path    string   `json:"path"`
	Type    string   `json:"type"`
	Options []string `json:"options"`
}

// A Package is one piece of installed software. Ecosystem and Name are those of
// the OSV schema: Ecosystem "Debian:12", "Alpine:v3.18", "AlmaLinux:8", "npm",
// "PyPI", "Go", "crates.io", "Maven"; Name is the name the advisories use
// (for Debian and Alpine the source package, see Source).
type Package struct {
	Name      string   `json:"name"`             // as installed (binary package)
	Version   string   `json:"version"`          // as installed
	Source    string   `json:"source,omitempty"` // source package the advisories speak of; empty: same as Name
	SourceVer string   `json:"source_version,omitempty"`
	Ecosystem string   `json:"ecosystem"`
	Arch      string   `json:"arch,omitempty"`
	Module    string   `json:"module,omitempty"` // RPM modularity label
	PURL      string   `json:"purl,omitempty"`
	Licenses  []string `json:"licenses,omitempty"`
	Path      string   `json:"path,omitempty"` // where it was found
	Direct    bool     `json:"direct,omitempty"`
}

// AdvisoryName is the name under which advisories for this package are filed.
func (p Package) AdvisoryName() string {
	if p.Source != "" {
		return p.Source
	}
	return p.Name
}

// AdvisoryVersion is the version to compare with those of an advisory.
func (p Package) AdvisoryVersion() string {
	if p.SourceVer != "" {
		return p.SourceVer
	}
	return p.Version
}
