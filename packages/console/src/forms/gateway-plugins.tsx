import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { noticeGatewaysChanged, pluginsQuery } from '../api/gateways.ts'
import { LabelledSwitch } from '../ui/labelled-switch.tsx'
import { Late } from '../ui/late.tsx'
import { FormError } from './form-error.tsx'

/** Switches the plugins of a gateway on and off. */
export function GatewayPlugins({ gatewayId }: { readonly gatewayId: string }) {
  const { data: plugins, error } = useQuery(pluginsQuery(gatewayId))
  const change = useMutation({
    mutationFn: ({ id, isOn }: { id: number; isOn: boolean }): Promise<unknown> =>
      isOn
        ? client.call(routes.gatewayPluginsAdd, { params: { gatewayId }, body: { plugin_id: id } })
        : client.call(routes.gatewayPluginsRemove, { params: { gatewayId, pluginId: String(id) } }),
    onSuccess: noticeGatewaysChanged,
  })
  if (error !== null) return <FormError error={error} />
  if (plugins === undefined) return <Late />
  return (
    <div className="flex flex-col gap-3">
      {plugins.map(({ id, name, description, isOn }) => (
        <LabelledSwitch
          key={id}
          label={name}
          hint={description}
          checked={isOn}
          onChange={(checked) => change.mutate({ id, isOn: checked })}
        />
      ))}
      {change.isError && <FormError error={change.error} />}
    </div>
  )
}
