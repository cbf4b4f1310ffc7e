import type {
  AccountTable,
  AccountTotalTable,
  AuditChainTable,
  AuditHeadTable,
  AuditTable,
  AuditUnsealedTable,
  DenialTable,
  InstallationTable,
  InviteTable,
  MemberTable,
  PasswordResetTable,
  RecoveryCodeTable,
  SessionTable,
  SignInFailureTable,
  SignUpLinkTable,
  SignUpRequestTable,
  TotpTable,
  UserTable,
} from './people-tables.ts'
import type {
  KeyRefusalTable,
  KeyTable,
  KeyUseDayTable,
  RateCountTable,
  RepeatedRequestTable,
  RepeatedWriteTable,
} from './key-tables.ts'
import type {
  BulkItemTable,
  BulkTable,
  FileKeyvalueTable,
  FileTable,
  GroupTable,
  LinkTable,
  SignatureTable,
  SwapTable,
  UploadFileTable,
  UploadTable,
} from './file-tables.ts'
import type {
  BlockTable,
  DamageTable,
  FetchTable,
  JobTable,
  PackTable,
  PinBlockTable,
  PinCountTable,
  PinTable,
  RequestTable,
  UsageCountTable,
} from './pin-tables.ts'
import type {
  EventRelayTable,
  EventTable,
  QuotaRefusalTable,
  WebhookDeliveryTable,
  WebhookTable,
} from './event-tables.ts'
import type {
  CustomDomainTable,
  EgressTable,
  GatewayPluginTable,
  GatewayRestrictionTable,
  GatewayTable,
  TrafficTable,
} from './gateway-tables.ts'
import type { IpnsNameTable, IpnsRecordTable } from './name-tables.ts'

/**
 * The tables, one schema on SQLite and PostgreSQL. Times are integer milliseconds, ids UUIDv7 text unless said
 * otherwise, booleans 0 or 1, networks 0 private, 1 public (and 2 in `pin_blocks` while a pin is staging).
 */
export interface Schema {
  installation: InstallationTable
  accounts: AccountTable
  account_totals: AccountTotalTable
  users: UserTable
  members: MemberTable
  sessions: SessionTable
  invites: InviteTable
  password_resets: PasswordResetTable
  keys: KeyTable
  key_use_days: KeyUseDayTable
  key_refusals: KeyRefusalTable
  repeated_requests: RepeatedRequestTable
  repeated_writes: RepeatedWriteTable
  rate_counts: RateCountTable
  audit: AuditTable
  audit_unsealed: AuditUnsealedTable
  audit_chain: AuditChainTable
  audit_head: AuditHeadTable
  groups: GroupTable
  bulks: BulkTable
  bulk_items: BulkItemTable
  files: FileTable
  file_keyvalues: FileKeyvalueTable
  pins: PinTable
  pin_blocks: PinBlockTable
  blocks: BlockTable
  packs: PackTable
  damage: DamageTable
  usage_counts: UsageCountTable
  jobs: JobTable
  fetches: FetchTable
  requests: RequestTable
  pin_counts: PinCountTable
  sign_in_failures: SignInFailureTable
  links: LinkTable
  swaps: SwapTable
  signatures: SignatureTable
  events: EventTable
  event_relay: EventRelayTable
  quota_refusals: QuotaRefusalTable
  uploads: UploadTable
  upload_files: UploadFileTable
  webhooks: WebhookTable
  webhook_deliveries: WebhookDeliveryTable
  gateways: GatewayTable
  custom_domains: CustomDomainTable
  gateway_restrictions: GatewayRestrictionTable
  gateway_plugins: GatewayPluginTable
  traffic: TrafficTable
  egress: EgressTable
  denials: DenialTable
  totps: TotpTable
  sign_up_links: SignUpLinkTable
  sign_up_requests: SignUpRequestTable
  recovery_codes: RecoveryCodeTable
  ipns_names: IpnsNameTable
  ipns_records: IpnsRecordTable
}
