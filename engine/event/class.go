package event

// A Class is a class_uid of OCSF 1.5.
type Class int

// The classes that are told apart. Those of the Windows extension begin at 201000.
const (
	Base              Class = 0
	FileActivity      Class = 1001
	KernelActivity    Class = 1003
	ModuleActivity    Class = 1005
	JobActivity       Class = 1006
	ProcessActivity   Class = 1007
	DetectionFinding  Class = 2004
	AccountChange     Class = 3001
	Authentication    Class = 3002
	AuthorizeSession  Class = 3003
	EntityManagement  Class = 3004
	GroupManagement   Class = 3006
	NetworkActivity   Class = 4001
	HTTPActivity      Class = 4002
	DNSActivity       Class = 4003
	DHCPActivity      Class = 4004
	RDPActivity       Class = 4005
	SMBActivity       Class = 4006
	SSHActivity       Class = 4007
	FTPActivity       Class = 4008
	EmailActivity     Class = 4009
	NTPActivity       Class = 4013
	APIActivity       Class = 6003
	DatastoreActivity Class = 6005
	RegistryKey       Class = 201001
	RegistryValue     Class = 201002
)

// A classWord is what OCSF says about a class: its name and its activities by number.
type classWord struct {
	name       string
	activities map[int]string
}

// Numbers of activities that several classes share.
const (
	activityUnknown = 0
	activityOther   = 99
)

var (
	crud    = map[int]string{1: "Create", 2: "Read", 3: "Update", 4: "Delete"}
	network = map[int]string{1: "Open", 2: "Close", 3: "Reset", 4: "Fail", 5: "Refuse", 6: "Traffic", 7: "Listen"}
)

var classes = map[Class]classWord{
	Base:             {"Base Event", nil},
	FileActivity:     {"File System Activity", map[int]string{1: "Create", 2: "Read", 3: "Update", 4: "Delete", 5: "Rename", 6: "Set Attributes", 7: "Set Security", 8: "Get Attributes", 14: "Open"}},
	KernelActivity:   {"Kernel Activity", map[int]string{1: "Create", 2: "Read", 3: "Delete", 4: "Invoke"}},
	ModuleActivity:   {"Module Activity", map[int]string{1: "Load", 2: "Unload", 3: "Invoke"}},
	JobActivity:      {"Scheduled Job Activity", map[int]string{1: "Create", 2: "Update", 3: "Delete", 4: "Enable", 5: "Disable", 6: "Start"}},
	ProcessActivity:  {"Process Activity", map[int]string{1: "Launch", 2: "Terminate", 3: "Open", 4: "Inject", 5: "Set User ID"}},
	DetectionFinding: {"Detection Finding", map[int]string{1: "Create", 2: "Update", 3: "Close"}},
	AccountChange: {"Account Change", map[int]string{1: "Create", 2: "Enable", 3: "Password Change", 4: "Password Reset", 5: "Disable",
		6: "Delete", 7: "Attach Policy", 8: "Detach Policy", 9: "Lock", 10: "MFA Factor Enable", 11: "MFA Factor Disable", 12: "Unlock"}},
	Authentication: {"Authentication", map[int]string{1: "Logon", 2: "Logoff", 3: "Authentication Ticket", 4: "Service Ticket Request",
		5: "Service Ticket Renew", 6: "Preauth"}},
	AuthorizeSession: {"Authorize Session", map[int]string{1: "Assign Privileges", 2: "Assign Groups"}},
	EntityManagement: {"Entity Management", crud},
	GroupManagement:  {"Group Management", map[int]string{1: "Assign Privileges", 2: "Revoke Privileges", 3: "Add User", 4: "Remove User", 5: "Delete", 6: "Create"}},
	NetworkActivity:  {"Network Activity", network},
	HTTPActivity: {"HTTP Activity", map[int]string{1: "Connect", 2: "Delete", 3: "Get", 4: "Head", 5: "Options", 6: "Post", 7: "Put",
		8: "Trace", 9: "Patch"}},
	DNSActivity: {"DNS Activity", map[int]string{1: "Query", 2: "Response", 6: "Traffic"}},
	DHCPActivity: {"DHCP Activity", map[int]string{1: "Discover", 2: "Offer", 3: "Request", 4: "Decline", 5: "Ack", 6: "Nak",
		7: "Release", 8: "Inform", 9: "Expire"}},
	RDPActivity:       {"RDP Activity", map[int]string{1: "Initial Request", 2: "Initial Response", 3: "Connect Request", 4: "Connect Response", 6: "Traffic", 7: "Disconnect", 8: "Reconnect"}},
	SMBActivity:       {"SMB Activity", map[int]string{1: "File Supersede", 2: "File Open", 3: "File Create", 4: "File Open If", 5: "File Overwrite", 6: "File Overwrite If"}},
	SSHActivity:       {"SSH Activity", network},
	FTPActivity:       {"FTP Activity", map[int]string{1: "Put", 2: "Get", 3: "Poll", 4: "Delete", 5: "Rename", 6: "List"}},
	EmailActivity:     {"Email Activity", map[int]string{1: "Send", 2: "Receive", 3: "Scan", 4: "Trace"}},
	NTPActivity:       {"NTP Activity", nil},
	APIActivity:       {"API Activity", crud},
	DatastoreActivity: {"Datastore Activity", map[int]string{1: "Read", 2: "Update", 3: "Connect", 4: "Query", 5: "Write", 6: "Create", 7: "Delete"}},
	RegistryKey:       {"Registry Key Activity", map[int]string{1: "Create", 2: "Read", 3: "Modify", 4: "Delete", 5: "Rename"}},
	RegistryValue:     {"Registry Value Activity", map[int]string{1: "Get", 2: "Set", 3: "Modify", 4: "Delete"}},
}

var categories = [...]string{"Uncategorized", "System Activity", "Findings", "Identity & Access Management", "Network Activity", "Discovery", "Application Activity", "Remediation"}

// Category is the category_uid of the class.
func (c Class) Category() int { return max(0, int(c)%100_000/1000) }

// Name is the class_name; empty for a class that is not known.
func (c Class) Name() string { return classes[c].name }

func (c Class) activity(id int) string {
	if name, ok := classes[c].activities[id]; ok {
		return name
	}
	if id == activityUnknown {
		return "Unknown"
	}
	return "Other"
}

// categoryName is the category_name of OCSF; empty where the number is none of its own.
func (c Class) categoryName() string {
	if n := c.Category(); n < len(categories) {
		return categories[n]
	}
	return ""
}

// is says what kind of event this is.
func (e *Event) is(c Class, activity int) {
	e.Class, e.ActivityID, e.Activity = c, activity, c.activity(activity)
}
