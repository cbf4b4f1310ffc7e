import { describe, expect, it } from 'vitest'
import { Reservations } from './reservations.ts'

describe('Reservations', () => {
  it('adds up what the uploads of an account were promised, each account by itself', () => {
    const reservations = new Reservations()
    const one = reservations.open('a')
    const two = reservations.open('a')
    reservations.open('b').add(5)
    one.add(10)
    two.add(20)
    two.add(1)
    expect([reservations.promised('a'), reservations.promised('b'), two.bytes]).toEqual([31, 5, 21])
    two.release()
    expect(reservations.promised('a')).toBe(10)
  })

  it('gives everything back once, however often it is released', () => {
    const reservations = new Reservations()
    const other = reservations.open('a')
    other.add(7)
    const reservation = reservations.open('a')
    reservation.add(10)
    reservation.release()
    reservation.release()
    expect(reservations.promised('a')).toBe(7)
    expect(() => reservation.add(1)).toThrow('released')
  })
})
