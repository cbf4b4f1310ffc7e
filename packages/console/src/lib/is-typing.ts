/** Whether what is typed goes into a field, or a dialog or menu is open and the keys are its own. */
export function isTyping(event: KeyboardEvent): boolean {
  const at = event.target instanceof HTMLElement ? event.target : undefined
  if (at?.isContentEditable === true || at?.matches('input:not([type=checkbox]), textarea, select') === true)
    return true
  return document.querySelector('[role=dialog], [role=menu]') !== null
}
