/** Fields by which something of an account can be named, wherever they stand. */
export const naming = new Set(
  (
    'id userId key cid asset group groupId hashContains pageToken after apiKey ipfsPinHash accountId token ' +
    'hashToPin ipfs_pin_hash requestid file_id fileId parent within ' +
    'swap_cid swapCid ' +
    'cids group_id ids ' +
    'deliveryId gatewayId customDomainId restrictionId pluginId lastEventId gateway_domain'
  ).split(' '),
)
/** Those that hold a list of names. */
export const lists = new Set(['cids', 'ids'])
/** Fields that name nothing that belongs to somebody. A field that is in neither list fails the test. */
export const harmless = new Set(
  (
    'days note expiresInDays code since until actor target result ' +
    'reason confirm lifted ' +
    'network name keyvalues expires_at keyName maxUses permissions expiresAt expiresIn email password currentPassword ' +
    'newPassword accountName publicContent quotaBytes disabled role overlapSeconds mimeType cidPending limit order ' +
    'revoked revokeKeys bounds limited limitedUse exhausted offset includeCount includesCount pinStart pinEnd unpinStart unpinEnd pinSizeMin ' +
    'pinSizeMax status pageLimit pageOffset state action format path filename file car cid_version streamable ' +
    'pinataMetadata pinataOptions match before meta origins host_nodes sort created_at source source_id kind date expires method max_uses filename max_file_size allow_mime_types active url origin domain signature address ' +
    'is_public isPublic nameContains newPinPolicy streamable pins filter change ' +
    'url kinds enabled ip host plugin_id pageSize page start_date end_date file_name user_agent country region referer ' +
    'http_status_code sort_order sort_by by date_interval ' +
    'label lifetimeSeconds ttlSeconds sequence mime_type history html egressQuotaBytes'
  ).split(' '),
)
harmless.add('X-Upload-Option-Cid-Version')
harmless.add('files')
