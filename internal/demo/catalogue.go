package demo

// product is one specification that the invented company uses. A month costs so
// many cents in the cheapest region, a year ten months.
type product struct {
	service, serviceName string
	kind, kindName       string
	prefix               string // of IDs
	spec                 string
	cents                int64
	weight               int // how common it is
	roles                []string
	pack                 bool // a resource package
	unlisted             bool // the price book does not have it
}

var (
	serverRoles  = []string{"prod-api", "prod-web", "checkout", "search-node", "kafka-broker", "batch-runner", "ci-agent", "ops-bastion", "ml-train", "staging-api", "edge-cache", "mail-relay", "report-worker", "auth-gateway"}
	diskRoles    = []string{"warehouse-data", "log-archive", "backup-vol", "build-cache", "media-store", "index-data"}
	addressRoles = []string{"web-front-ip", "vpn-gateway-ip", "partner-link-ip", "egress-ip"}
	databases    = []string{"orders-db", "ledger-db", "catalog-db", "users-db", "metrics-db", "crm-db"}
	caches       = []string{"session-cache", "cart-cache", "rate-limit", "feed-cache"}
	clusters     = []string{"k8s-prod", "k8s-staging", "k8s-data", "k8s-tools"}
	shares       = []string{"home-share", "render-share", "release-share"}
	balancers    = []string{"public-lb", "internal-lb", "api-lb"}
	packages     = []string{"archive-pack", "cdn-origin-pack", "backup-pack"}
)

const (
	ecs, ecsName = "hws.service.type.ec2", "Elastic Cloud Server"
	evs, evsName = "hws.service.type.ebs", "Elastic Volume Service"
	eip, eipName = "hws.service.type.vpc", "Elastic IP"
	rds, rdsName = "hws.service.type.rds", "Relational Database Service"
	dcs, dcsName = "hws.service.type.dcs", "Distributed Cache Service"
	cce, cceName = "hws.service.type.cce", "Cloud Container Engine"
	sfs, sfsName = "hws.service.type.sfs", "Scalable File Service"
	elb, elbName = "hws.service.type.elb", "Elastic Load Balance"
	obs, obsName = "hws.service.type.obs", "Object Storage Service"

	server, serverName     = "hws.resource.type.vm", "Cloud server"
	volume, volumeName     = "hws.resource.type.volume", "Cloud disk"
	address, addressName   = "hws.resource.type.bandwidth", "Fixed bandwidth"
	database, databaseName = "hws.resource.type.rds.vm", "DB instance"
	cache, cacheName       = "hws.resource.type.dcs3", "Cache instance"
	cluster, clusterName   = "hws.resource.type.cce.cluster", "Cluster"
	share, shareName       = "hws.resource.type.sfs", "File system"
	balancer, balancerName = "hws.resource.type.elbv3", "Load balancer"
	pack, packName         = "hws.resource.type.obs.package", "Storage package"
)

var products = []product{
	{service: ecs, serviceName: ecsName, kind: server, kindName: serverName, prefix: "ecs", spec: "s7.medium.2", cents: 540, weight: 120, roles: serverRoles},
	{service: ecs, serviceName: ecsName, kind: server, kindName: serverName, prefix: "ecs", spec: "s7.large.2", cents: 1_070, weight: 110, roles: serverRoles},
	{service: ecs, serviceName: ecsName, kind: server, kindName: serverName, prefix: "ecs", spec: "c7n.xlarge.2", cents: 2_540, weight: 80, roles: serverRoles},
	{service: ecs, serviceName: ecsName, kind: server, kindName: serverName, prefix: "ecs", spec: "m7.xlarge.8", cents: 3_785, weight: 50, roles: serverRoles},
	{service: ecs, serviceName: ecsName, kind: server, kindName: serverName, prefix: "ecs", spec: "c7n.4xlarge.4", cents: 11_510, weight: 18, roles: serverRoles},
	{service: ecs, serviceName: ecsName, kind: server, kindName: serverName, prefix: "ecs", spec: "pi2.2xlarge.4", cents: 19_380, weight: 6, roles: []string{"ml-train", "ml-serve"}},
	{service: ecs, serviceName: ecsName, kind: server, kindName: serverName, prefix: "ecs", spec: "s2.medium.1", cents: 410, weight: 3, roles: []string{"legacy-app"}, unlisted: true},
	{service: evs, serviceName: evsName, kind: volume, kindName: volumeName, prefix: "evs", spec: "SAS.200", cents: 435, weight: 80, roles: diskRoles},
	{service: evs, serviceName: evsName, kind: volume, kindName: volumeName, prefix: "evs", spec: "GPSSD.500", cents: 1_385, weight: 70, roles: diskRoles},
	{service: evs, serviceName: evsName, kind: volume, kindName: volumeName, prefix: "evs", spec: "ESSD.1000", cents: 4_400, weight: 25, roles: diskRoles},
	{service: eip, serviceName: eipName, kind: address, kindName: addressName, prefix: "eip", spec: "19_bgp.10", cents: 850, weight: 90, roles: addressRoles},
	{service: eip, serviceName: eipName, kind: address, kindName: addressName, prefix: "eip", spec: "19_bgp.50", cents: 5_495, weight: 25, roles: addressRoles},
	{service: rds, serviceName: rdsName, kind: database, kindName: databaseName, prefix: "rds", spec: "rds.mysql.n1.xlarge.4.ha", cents: 6_815, weight: 45, roles: databases},
	{service: rds, serviceName: rdsName, kind: database, kindName: databaseName, prefix: "rds", spec: "rds.pg.n1.2xlarge.4.ha", cents: 13_605, weight: 30, roles: databases},
	{service: dcs, serviceName: dcsName, kind: cache, kindName: cacheName, prefix: "dcs", spec: "redis.ha.xu1.large.r2.8", cents: 3_195, weight: 40, roles: caches},
	{service: cce, serviceName: cceName, kind: cluster, kindName: clusterName, prefix: "cce", spec: "cce.s2.small", cents: 3_690, weight: 45, roles: clusters},
	{service: sfs, serviceName: sfsName, kind: share, kindName: shareName, prefix: "sfs", spec: "sfs.turbo.standard.1T", cents: 2_265, weight: 30, roles: shares},
	{service: elb, serviceName: elbName, kind: balancer, kindName: balancerName, prefix: "elb", spec: "L7_flavor.elb.s1.medium", cents: 1_995, weight: 30, roles: balancers},
	{service: obs, serviceName: obsName, kind: pack, kindName: packName, prefix: "obs", spec: "obs.std.package.10TB", cents: 7_025, weight: 18, roles: packages, pack: true},
	{service: obs, serviceName: obsName, kind: pack, kindName: packName, prefix: "obs", spec: "obs.std.package.2TB", cents: 1_485, weight: 14, roles: packages, pack: true},
}

// systemDisk and dataDisk hang under servers.
var (
	systemDisk = product{service: evs, serviceName: evsName, kind: volume, kindName: volumeName, prefix: "evs", spec: "GPSSD.40", cents: 110}
	dataDisk   = product{service: evs, serviceName: evsName, kind: volume, kindName: volumeName, prefix: "evs", spec: "SAS.200", cents: 435}
)

// region is a place where the company runs, with what it costs there in
// hundredths of a percent of the cheapest.
type region struct {
	code, name string
	factor     int64
	weight     int
}

var regions = []region{
	{"ap-southeast-3", "AP-Singapore", 10_600, 26},
	{"cn-east-3", "CN East-Shanghai1", 10_000, 20},
	{"cn-north-4", "CN North-Beijing4", 10_000, 14},
	{"ap-southeast-1", "CN-Hong Kong", 11_250, 12},
	{"ap-southeast-2", "AP-Bangkok", 10_900, 8},
	{"ap-southeast-4", "AP-Jakarta", 11_050, 6},
	{"la-north-2", "LA-Mexico City2", 12_100, 5},
	{"sa-brazil-1", "LA-Sao Paulo1", 12_850, 4},
	{"af-south-1", "AF-Johannesburg", 12_400, 3},
	{"tr-west-1", "TR-Istanbul", 11_700, 2},
}

// projects are the enterprise projects with their weights; the last stands for
// instances without one.
var projects = []struct {
	name   string
	weight int
}{
	{"storefront", 26}, {"payments", 18}, {"data-platform", 18}, {"mobile", 14}, {"internal-tools", 11}, {"default", 9}, {"", 4},
}
